import { mkdir, open, readFile, rename, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Effect, Layer, Option } from "effect"
import { BlobStore, StorageFailed } from "../../domain/files/BlobStore"
import { dataDir } from "../../domain/shared/ConfigHelpers"

const isMissing = (error: unknown) =>
  typeof error === "object" && error !== null && "code" in error && error.code === "ENOENT"

const half = (path: string) => `${path}.part`

/** What is new in a folder stays there if power fails. Windows has no such thing to ask for. */
const keepNames = async (folder: string) => {
  if (process.platform === "win32") return
  const names = await open(folder, "r")
  await names.sync().finally(() => names.close())
}

/** Written beside its place, flushed, and moved there: it is there whole or not at all. */
const write = async (path: string, bytes: Uint8Array) => {
  const folder = dirname(path)
  const made = await mkdir(folder, { recursive: true, mode: 0o700 })
  try {
    const file = await open(half(path), "w", 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(half(path), path)
    await keepNames(folder)
    if (made !== undefined) await keepNames(dirname(folder))
  } catch (error) {
    await rm(half(path), { force: true })
    throw error
  }
}

/** Blobs as files under `DATA_DIR/files`, in folders by the ends of their ids. */
export const layer = Layer.effect(
  BlobStore,
  Effect.gen(function* () {
    const files = join(yield* dataDir, "files")
    const pathOf = (key: string) => join(files, key.slice(-2), key)
    return {
      put: (key, bytes) =>
        Effect.tryPromise({
          try: () => write(pathOf(key), bytes),
          catch: (cause) => new StorageFailed({ cause }),
        }),
      get: (key) =>
        Effect.promise(async () => {
          try {
            return Option.some<Uint8Array>(await readFile(pathOf(key)))
          } catch (error) {
            if (isMissing(error)) return Option.none()
            throw error
          }
        }),
      remove: (key) =>
        Effect.promise(async () => {
          await rm(half(pathOf(key)), { force: true })
          await rm(pathOf(key), { force: true })
        }),
    }
  }),
)
