import { Data } from "effect"

/** Another process uses this data folder; `pid` is 0 while its pid file is not written yet. */
export class DataDirLocked extends Data.TaggedError("DataDirLocked")<{
  readonly folder: string
  readonly pid: number
}> {
  override get message() {
    const holder = this.pid === 0 ? "another Parley process" : `another Parley process (pid ${this.pid})`
    return `DATA_DIR: the folder ${this.folder} is in use by ${holder}: stop that one first.`
  }
}

/** The data folder cannot be created or written to. */
export class DataDirUnusable extends Data.TaggedError("DataDirUnusable")<{
  readonly folder: string
  readonly reason: string
}> {
  override get message() {
    return `DATA_DIR: the folder ${this.folder} cannot be used: ${this.reason}.`
  }
}
