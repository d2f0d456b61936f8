import { Data } from "effect"

/** The database cannot be used; `reason` is one sentence for the operator. */
export class DatabaseUnavailable extends Data.TaggedError("DatabaseUnavailable")<{
  readonly reason: string
  readonly cause?: unknown
}> {
  override get message() {
    return this.reason
  }
}

/** A newer version of Parley has migrated the database. The fields are migration numbers. */
export class SchemaTooNew extends Data.TaggedError("SchemaTooNew")<{
  readonly databaseMigration: number
  readonly supportedMigration: number
}> {
  override get message() {
    return `The database schema is too new: it has migration ${this.databaseMigration}, and this version of Parley supports up to ${this.supportedMigration}. Start the newer version, or restore a backup.`
  }
}

/** A migration that failed; its transaction was rolled back. */
export class MigrationFailed extends Data.TaggedError("MigrationFailed")<{
  readonly name: string
  readonly reason: string
  readonly cause?: unknown
}> {
  override get message() {
    return `The database migration ${this.name} failed and was rolled back: ${this.reason}.`
  }
}
