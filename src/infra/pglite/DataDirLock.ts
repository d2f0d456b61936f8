import { Database } from "bun:sqlite"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { Effect, type Scope } from "effect"
import { DataDirLocked, DataDirUnusable } from "./Errors"

/**
 * Locks the data folder (created if absent) for this process until the scope closes. Fails with
 * DataDirLocked if another process holds it.
 *
 * The lock is an open exclusive transaction on an empty SQLite file: the operating system releases it
 * with the process, however that dies, and the file is never written, so it can never be damaged.
 * The file `lock.pid` only serves the error message.
 */
export const lockDataDir = (
  dataDir: string,
): Effect.Effect<void, DataDirLocked | DataDirUnusable, Scope.Scope> => {
  const folder = resolve(dataDir)
  const pidFile = join(folder, "lock.pid")
  return Effect.acquireRelease(
    Effect.try({
      try: () => acquireLock(folder, pidFile),
      catch: (cause) =>
        errorCode(cause) === "SQLITE_BUSY"
          ? new DataDirLocked({ folder, pid: readPid(pidFile) })
          : new DataDirUnusable({ folder, reason: describeError(cause) }),
    }),
    (lock) =>
      Effect.sync(() => {
        rmSync(pidFile, { force: true })
        lock.close()
      }),
  )
}

const acquireLock = (folder: string, pidFile: string) => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = new Database(join(folder, "lock"), { create: true, readwrite: true })
  try {
    lock.run("PRAGMA busy_timeout = 0")
    lock.run("BEGIN EXCLUSIVE")
    writeFileSync(pidFile, `${process.pid}\n`)
    return lock
  } catch (cause) {
    lock.close()
    throw cause
  }
}

const readPid = (pidFile: string) => {
  try {
    return Number.parseInt(readFileSync(pidFile, "utf8"), 10) || 0
  } catch {
    return 0
  }
}

const errorCode = (cause: unknown) =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : ""

const describeError = (cause: unknown) => {
  const code = errorCode(cause)
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") return "it is not writable"
  if (code.startsWith("SQLITE_READONLY") || code.startsWith("SQLITE_CANTOPEN")) return "it is not writable"
  if (code === "ENOTDIR" || code === "EEXIST") return "it is not a folder"
  if (code === "ENOSPC" || code === "SQLITE_FULL") return "the disk is full"
  return `the system answered ${code || "with an unknown error"}`
}
