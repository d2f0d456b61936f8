import { mkdir, open, readFile, rename, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Effect, Layer, Option } from "effect"
import { BlobStore, StorageFailed } from "../../domain/files/BlobStore"
import { dataDir } from "../../domain/shared/ConfigHelpers"

const isMissing = (error: unknown) =>
  typeof error === "object" && error !== null && "code" in error && error.code === "ENOENT"

const tempPath = (path: string) => `${path}.part`

/** Flushes the directory, so that new entries survive a power loss. Windows has no equivalent. */
const fsyncDirectory = async (path: string) => {
  if (process.platform === "win32") return
  const directory = await open(path, "r")
  await directory.sync().finally(() => directory.close())
}

/** Writes a file atomically: to a temporary path, flushed, then renamed. */
const writeAtomically = async (path: string, bytes: Uint8Array) => {
  const directory = dirname(path)
  const createdDirectory = await mkdir(directory, { recursive: true, mode: 0o700 })
  try {
    const file = await open(tempPath(path), "w", 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(tempPath(path), path)
    await fsyncDirectory(directory)
    if (createdDirectory !== undefined) await fsyncDirectory(dirname(directory))
  } catch (error) {
    await rm(tempPath(path), { force: true })
    throw error
  }
}

/**
 * Implements the blob store as files under `DATA_DIR/files`, in directories named by the last characters of
 * their keys.
 */
export const layer = Layer.effect(
  BlobStore,
  Effect.gen(function* () {
    const files = join(yield* dataDir, "files")
    const pathOf = (key: string) => join(files, key.slice(-2), key)
    return {
      put: (key, bytes) =>
        Effect.tryPromise({
          try: () => writeAtomically(pathOf(key), bytes),
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
          await rm(tempPath(pathOf(key)), { force: true })
          await rm(pathOf(key), { force: true })
        }),
    }
  }),
)
