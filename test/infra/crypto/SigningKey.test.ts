import { expect } from "bun:test"
import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import { configProviderFromEnv } from "../../../src/domain/shared/ConfigHelpers"
import { signingKey } from "../../../src/infra/crypto/SigningKey"
import { it } from "../../support/it"
import { temporaryFolder } from "../../support/TemporaryFolder"

const keyIn = (DATA_DIR: string) => Effect.withConfigProvider(signingKey, configProviderFromEnv({ DATA_DIR }))

it.live(
  "An installation's key is made once, however many ask at the same time, and is its owner's alone",
  () =>
    Effect.gen(function* () {
      const folder = join(yield* temporaryFolder, "data")
      const keys = yield* Effect.all(
        Array.from({ length: 8 }, () => keyIn(folder)),
        { concurrency: "unbounded" },
      )
      const file = join(folder, "jwt-secret")
      const kept = yield* Effect.promise(() => readFile(file, "utf8"))
      expect(kept.length).toBeGreaterThanOrEqual(32)
      for (const key of [...keys, yield* keyIn(folder)]) expect(new TextDecoder().decode(key)).toBe(kept)
      expect((yield* Effect.promise(() => stat(file))).mode & 0o777).toBe(0o600)
      expect(yield* Effect.promise(() => readdir(folder))).toEqual(["jwt-secret"])
    }),
)

it.live("A key that is too short to be one is refused, with a sentence that says what to do", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const file = join(folder, "jwt-secret")
    for (const content of ["", "a", "x".repeat(31)]) {
      yield* Effect.promise(() => writeFile(file, content))
      const { message } = yield* Effect.flip(keyIn(folder))
      expect(message).toMatch(/^The key that signs access tokens, in .*jwt-secret, must be at least 32/)
    }
    yield* Effect.promise(() => writeFile(file, "x".repeat(32)))
    expect(new TextDecoder().decode(yield* keyIn(folder))).toBe("x".repeat(32))
  }),
)

it.live("A key that can be neither read nor made is missed at the start, by the name of its file", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const blocked = join(folder, "no folder")
    yield* Effect.promise(() => writeFile(blocked, "").then(() => chmod(blocked, 0o400)))
    const { message } = yield* Effect.flip(keyIn(blocked))
    expect(message).toContain(join(blocked, "jwt-secret"))
  }),
)
