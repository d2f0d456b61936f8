import { constants } from "node:fs"
import { link, mkdir, open, readFile, unlink } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Config, Data, Effect, Option, Redacted } from "effect"
import { dataDir } from "../../domain/shared/ConfigHelpers"

class SigningKeyUnavailable extends Data.TaggedError("SigningKeyUnavailable")<{
  readonly file: string
  readonly cause: unknown
}> {
  override get message() {
    return `The key that signs access tokens could not be read from or written to ${this.file}; make the directory writable or set JWT_SECRET.`
  }
}

class SigningKeyTooShort extends Data.TaggedError("SigningKeyTooShort")<{ readonly file: string }> {
  override get message() {
    return `The key that signs access tokens, in ${this.file}, must be at least 32 characters long; delete the file to generate a new key, or set JWT_SECRET.`
  }
}

const alreadyExists = (error: unknown) => error instanceof Error && "code" in error && error.code === "EEXIST"

/** Creates the file atomically; an existing one is left unchanged. */
const writeExclusive = async (file: string, content: string) => {
  await mkdir(dirname(file), { recursive: true })
  const tempPath = `${file}.${crypto.randomUUID()}`
  const handle = await open(tempPath, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
  try {
    await link(tempPath, file)
  } catch (error) {
    if (!alreadyExists(error)) throw error
  } finally {
    await unlink(tempPath)
  }
  // A new directory entry survives a power loss only once the directory itself is synced.
  const directory = await open(dirname(file), constants.O_RDONLY)
  await directory.sync().finally(() => directory.close())
}

const readOrCreate = async (file: string) => {
  const existing = await readFile(file, "utf8").catch(() => undefined)
  if (existing !== undefined) return existing
  await writeExclusive(file, Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url"))
  return readFile(file, "utf8")
}

const isLongEnough = (secret: string) => secret.length >= 32

const longSecret = (name: string) =>
  Config.redacted(name).pipe(
    Config.validate({
      message: `${name} must be at least 32 characters long`,
      validation: (secret) => isLongEnough(Redacted.value(secret)),
    }),
    Config.option,
  )

/** The secret configured as `JWT_SECRET`, at least 32 characters long. */
export const jwtSecret = longSecret("JWT_SECRET")

/** The secret that `JWT_SECRET` replaced: what was encrypted with it can still be decrypted. */
export const previousJwtSecret = longSecret("JWT_SECRET_PREVIOUS")

/** Returns `JWT_SECRET`, or the key of this installation, generated once and stored in `DATA_DIR`. */
export const signingKey = Effect.gen(function* () {
  const secret = yield* jwtSecret
  if (Option.isSome(secret)) return new TextEncoder().encode(Redacted.value(secret.value))
  const file = join(yield* dataDir, "jwt-secret")
  const stored = yield* Effect.tryPromise({
    try: () => readOrCreate(file),
    catch: (cause) => new SigningKeyUnavailable({ file, cause }),
  })
  if (!isLongEnough(stored)) return yield* new SigningKeyTooShort({ file })
  return new TextEncoder().encode(stored)
})
