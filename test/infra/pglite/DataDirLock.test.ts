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

/** A process that tries to take the lock, and the one line that it says about it. */
const holder = (folder: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const child = Bun.spawn([process.execPath, join(import.meta.dir, "programs/hold.ts"), folder], {
        stdout: "pipe",
        stderr: "inherit",
      })
      const { value } = await child.stdout.getReader().read()
      return { child, said: new TextDecoder().decode(value).trim() }
    }),
    ({ child }) => Effect.promise(() => kill(child)),
  )

const kill = (child: Bun.Subprocess) => {
  child.kill("SIGKILL")
  return child.exited
}

it.live("a second process is told in one sentence who has the folder", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const { child, said } = yield* holder(folder)
    expect(said).toBe("held")
    const refused = yield* Effect.flip(lockDataDir(folder))
    expect(refused.message).toBe(
      `DATA_DIR: the folder ${folder} is in use by another Parley (process ${child.pid}).`,
    )
  }),
)

it.live("the lock of a process that was killed is free at once", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const { child } = yield* holder(folder)
    yield* Effect.promise(() => kill(child))
    yield* lockDataDir(folder)
  }),
)

it.live("of processes that start together, one has the folder", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const holders = yield* Effect.all(
      Array.from({ length: 4 }, () => holder(folder)),
      { concurrency: "unbounded" },
    )
    expect(holders.filter(({ said }) => said === "held")).toHaveLength(1)
    expect(holders.filter(({ said }) => said.includes("is in use by another Parley"))).toHaveLength(3)
  }),
)

it.live("the same process takes it once, and again after its scope closed", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const inside = yield* Effect.scoped(
      Effect.zipRight(lockDataDir(folder), Effect.flip(lockDataDir(folder))),
    )
    expect(inside._tag).toBe("DataDirLocked")
    yield* lockDataDir(folder)
  }),
)

it.live("a folder that cannot be one is said to be unusable", () =>
  Effect.gen(function* () {
    const file = join(yield* temporaryFolder, "file")
    writeFileSync(file, "")
    const refused = yield* Effect.flip(lockDataDir(file))
    expect(refused.message).toBe(`DATA_DIR: the folder ${file} cannot be used: it is not a folder.`)
  }),
)
