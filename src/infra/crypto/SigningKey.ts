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
    return `The key that signs access tokens could not be read from or written to ${this.file}; make the folder writable or set JWT_SECRET.`
  }
}

class SigningKeyTooShort extends Data.TaggedError("SigningKeyTooShort")<{ readonly file: string }> {
  override get message() {
    return `The key that signs access tokens, in ${this.file}, must be at least 32 characters long; take the file away to have a new one made, or set JWT_SECRET.`
  }
}

const isTaken = (error: unknown) => error instanceof Error && "code" in error && error.code === "EEXIST"

/** Writes the file whole or not at all, and leaves one that is there alone. */
const writeOnce = async (file: string, content: string) => {
  await mkdir(dirname(file), { recursive: true })
  const draft = `${file}.${crypto.randomUUID()}`
  const handle = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
  try {
    await link(draft, file)
  } catch (error) {
    if (!isTaken(error)) throw error
  } finally {
    await unlink(draft)
  }
  // A name in a folder outlasts a loss of power only once the folder itself is on the disk.
  const folder = await open(dirname(file), constants.O_RDONLY)
  await folder.sync().finally(() => folder.close())
}

const readOrMake = async (file: string) => {
  const existing = await readFile(file, "utf8").catch(() => undefined)
  if (existing !== undefined) return existing
  await writeOnce(file, Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url"))
  return readFile(file, "utf8")
}

const isLongEnough = (secret: string) => secret.length >= 32

/** The secret that the settings name. */
export const signingSecret = Config.redacted("JWT_SECRET").pipe(
  Config.validate({
    message: "JWT_SECRET must be at least 32 characters long",
    validation: (secret) => isLongEnough(Redacted.value(secret)),
  }),
  Config.option,
)

/** `JWT_SECRET`, or a key of this installation's own, made once and kept in `DATA_DIR`. */
export const signingKey = Effect.gen(function* () {
  const secret = yield* signingSecret
  if (Option.isSome(secret)) return new TextEncoder().encode(Redacted.value(secret.value))
  const file = join(yield* dataDir, "jwt-secret")
  const kept = yield* Effect.tryPromise({
    try: () => readOrMake(file),
    catch: (cause) => new SigningKeyUnavailable({ file, cause }),
  })
  if (!isLongEnough(kept)) return yield* new SigningKeyTooShort({ file })
  return new TextEncoder().encode(kept)
})
