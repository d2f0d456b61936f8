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
  "The signing key is generated once under concurrent reads, and only its owner can read the file",
  () =>
    Effect.gen(function* () {
      const directory = join(yield* temporaryFolder, "data")
      const keys = yield* Effect.all(
        Array.from({ length: 8 }, () => keyIn(directory)),
        { concurrency: "unbounded" },
      )
      const file = join(directory, "jwt-secret")
      const stored = yield* Effect.promise(() => readFile(file, "utf8"))
      expect(stored.length).toBeGreaterThanOrEqual(32)
      for (const key of [...keys, yield* keyIn(directory)]) expect(new TextDecoder().decode(key)).toBe(stored)
      expect((yield* Effect.promise(() => stat(file))).mode & 0o777).toBe(0o600)
      expect(yield* Effect.promise(() => readdir(directory))).toEqual(["jwt-secret"])
    }),
)

it.live("A stored signing key that is too short is rejected with an error that names the file", () =>
  Effect.gen(function* () {
    const directory = yield* temporaryFolder
    const file = join(directory, "jwt-secret")
    for (const content of ["", "a", "x".repeat(31)]) {
      yield* Effect.promise(() => writeFile(file, content))
      const { message } = yield* Effect.flip(keyIn(directory))
      expect(message).toMatch(/^The key that signs access tokens, in .*jwt-secret, must be at least 32/)
    }
    yield* Effect.promise(() => writeFile(file, "x".repeat(32)))
    expect(new TextDecoder().decode(yield* keyIn(directory))).toBe("x".repeat(32))
  }),
)

it.live("A signing key that can be neither read nor created fails with an error that names the file", () =>
  Effect.gen(function* () {
    const directory = yield* temporaryFolder
    const blocked = join(directory, "not-a-directory")
    yield* Effect.promise(() => writeFile(blocked, "").then(() => chmod(blocked, 0o400)))
    const { message } = yield* Effect.flip(keyIn(blocked))
    expect(message).toContain(join(blocked, "jwt-secret"))
  }),
)
