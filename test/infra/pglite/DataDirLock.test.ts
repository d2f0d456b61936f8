import { expect } from "bun:test"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { lockDataDir } from "../../../src/infra/pglite/DataDirLock"
import { it } from "../../support/it"

const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "parley-lock-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true })),
)

/** Starts a process that tries to take the lock. Returns the line that it prints about it. */
const spawnHolder = (folder: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const child = Bun.spawn([process.execPath, join(import.meta.dir, "programs/holdLock.ts"), folder], {
        stdout: "pipe",
        stderr: "inherit",
      })
      const { value } = await child.stdout.getReader().read()
      return { child, output: new TextDecoder().decode(value).trim() }
    }),
    ({ child }) => Effect.promise(() => kill(child)),
  )

const kill = (child: Bun.Subprocess) => {
  child.kill("SIGKILL")
  return child.exited
}

it.live("reports the pid of the process that holds the folder", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const { child, output } = yield* spawnHolder(folder)
    expect(output).toBe("held")
    const error = yield* Effect.flip(lockDataDir(folder))
    expect(error.message).toBe(
      `DATA_DIR: the folder ${folder} is in use by another Parley process (pid ${child.pid}): stop that one first.`,
    )
  }),
)

it.live("releases the lock of a killed process immediately", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const { child } = yield* spawnHolder(folder)
    yield* Effect.promise(() => kill(child))
    yield* lockDataDir(folder)
  }),
)

it.live("gives the lock to one of several processes that start concurrently", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const holders = yield* Effect.all(
      Array.from({ length: 4 }, () => spawnHolder(folder)),
      { concurrency: "unbounded" },
    )
    expect(holders.filter(({ output }) => output === "held")).toHaveLength(1)
    expect(holders.filter(({ output }) => output.includes("is in use by another Parley"))).toHaveLength(3)
  }),
)

it.live("rejects a second lock in the same process until the first scope closes", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const secondLock = yield* Effect.scoped(
      Effect.zipRight(lockDataDir(folder), Effect.flip(lockDataDir(folder))),
    )
    expect(secondLock._tag).toBe("DataDirLocked")
    yield* lockDataDir(folder)
  }),
)

it.live("rejects a data folder that is a file", () =>
  Effect.gen(function* () {
    const file = join(yield* temporaryFolder, "file")
    writeFileSync(file, "")
    const error = yield* Effect.flip(lockDataDir(file))
    expect(error.message).toBe(`DATA_DIR: the folder ${file} cannot be used: it is not a folder.`)
  }),
)
