import { Data } from "effect"

/** The database cannot be used; `reason` is one sentence for the person who starts the server. */
export class DatabaseUnavailable extends Data.TaggedError("DatabaseUnavailable")<{
  readonly reason: string
  readonly cause?: unknown
}> {
  override get message() {
    return this.reason
  }
}

/** Another process works in this data folder; `pid` is 0 while it has not yet said which. */
export class DataDirLocked extends Data.TaggedError("DataDirLocked")<{
  readonly folder: string
  readonly pid: number
}> {
  override get message() {
    const holder = this.pid === 0 ? "another Parley" : `another Parley (process ${this.pid})`
    return `DATA_DIR: the folder ${this.folder} is in use by ${holder}.`
  }
}

/** The data folder cannot be made, or written in. */
export class DataDirUnusable extends Data.TaggedError("DataDirUnusable")<{
  readonly folder: string
  readonly why: string
}> {
  override get message() {
    return `DATA_DIR: the folder ${this.folder} cannot be used: ${this.why}.`
  }
}

/** A newer Parley has migrated the database; by the numbers of its newest migration, and of ours. */
export class DatabaseIsNewer extends Data.TaggedError("DatabaseIsNewer")<{
  readonly latest: number
  readonly newest: number
}> {
  override get message() {
    return `The database is of a newer Parley: it has migration ${this.latest}, and this one knows ${this.newest}. Start that version, or restore a backup.`
  }
}

/** A migration that the database refused; nothing of it is left behind. */
export class MigrationFailed extends Data.TaggedError("MigrationFailed")<{
  readonly name: string
  readonly why: string
  readonly cause?: unknown
}> {
  override get message() {
    return `The database migration ${this.name} failed and was undone: ${this.why}.`
  }
}
