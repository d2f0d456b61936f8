import { constants } from "node:fs"
import { link, mkdir, open, readFile, unlink } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Config, Data, Effect, Option, Redacted } from "effect"

class SigningKeyUnavailable extends Data.TaggedError("SigningKeyUnavailable")<{
  readonly file: string
  readonly cause: unknown
}> {
  override get message() {
    return `The key that signs access tokens could not be read from or written to ${this.file}; make the folder writable or set JWT_SECRET.`
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
}

const readOrMake = async (file: string) => {
  const existing = await readFile(file, "utf8").catch(() => "")
  if (existing !== "") return existing
  await writeOnce(file, Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url"))
  return readFile(file, "utf8")
}

const longEnough = Config.string("JWT_SECRET").pipe(
  Config.validate({
    message: "must be at least 32 characters long",
    validation: (secret) => secret.length >= 32,
  }),
)

const configured = Config.option(Config.redacted(longEnough))

/** `JWT_SECRET`, or a key of this installation's own, made once and kept in `DATA_DIR`. */
export const signingKey = Effect.gen(function* () {
  const secret = yield* configured
  if (Option.isSome(secret)) return new TextEncoder().encode(Redacted.value(secret.value))
  const file = join(yield* Config.string("DATA_DIR").pipe(Config.withDefault("./data")), "jwt-secret")
  const kept = yield* Effect.tryPromise({
    try: () => readOrMake(file),
    catch: (cause) => new SigningKeyUnavailable({ file, cause }),
  })
  return new TextEncoder().encode(kept)
})
