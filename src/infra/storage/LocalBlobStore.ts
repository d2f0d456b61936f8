import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Effect, Layer, Option, Stream } from "effect"
import { BlobStore, StorageFailed } from "../../domain/files/BlobStore"
import { dataDir } from "../../domain/shared/ConfigHelpers"

const tempPath = (path: string) => `${path}.part`

/** Flushes the directory, so that new entries survive a power loss. Windows has no equivalent. */
const fsyncDirectory = async (path: string) => {
  if (process.platform === "win32") return
  const directory = await open(path, "r")
  await directory.sync().finally(() => directory.close())
}

const removeFile = (path: string) => Effect.promise(() => rm(path, { force: true }))

/** Waits for the operation even if interrupted: a file must not be closed while it is written. */
const attempt = <A>(run: () => Promise<A>) =>
  Effect.uninterruptible(Effect.tryPromise({ try: run, catch: (cause) => new StorageFailed({ cause }) }))

const writeAll = async (file: FileHandle, bytes: Uint8Array) => {
  for (let written = 0; written < bytes.byteLength; )
    written += (await file.write(bytes, written)).bytesWritten
}

/** Opens a new file, which is closed with the scope. */
const openFile = (path: string) =>
  Effect.acquireRelease(
    attempt(() => open(path, "w", 0o600)),
    (file) => Effect.promise(() => file.close()),
  )

/** Writes a file atomically, to a temporary path, flushed, then renamed; returns its size in bytes. */
const writeAtomically = Effect.fnUntraced(function* <E>(path: string, content: Stream.Stream<Uint8Array, E>) {
  const directory = dirname(path)
  const createdDirectory = yield* attempt(() => mkdir(directory, { recursive: true, mode: 0o700 }))
  const size = yield* Effect.scoped(
    Effect.gen(function* () {
      const file = yield* openFile(tempPath(path))
      const size = yield* Stream.runFoldEffect(content, 0, (size, chunk) =>
        Effect.as(
          attempt(() => writeAll(file, chunk)),
          size + chunk.byteLength,
        ),
      )
      yield* attempt(() => file.sync())
      return size
    }),
  )
  yield* attempt(async () => {
    await rename(tempPath(path), path)
    await fsyncDirectory(directory)
    if (createdDirectory !== undefined) await fsyncDirectory(dirname(directory))
  })
  return size
})

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
      put: (key, content) =>
        Effect.onError(writeAtomically(pathOf(key), content), () =>
          Effect.ignoreLogged(Effect.sandbox(removeFile(tempPath(pathOf(key))))),
        ),
      open: (key) =>
        Effect.promise(async () => {
          const file = Bun.file(pathOf(key))
          return (await file.exists()) ? Option.some<Blob>(file) : Option.none()
        }),
      remove: (key) => Effect.zipRight(removeFile(tempPath(pathOf(key))), removeFile(pathOf(key))),
    }
  }),
)
