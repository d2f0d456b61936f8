import { DateTime, Effect, Option, Stream } from "effect"
import type { Actor } from "../shared/Actor"
import { CurrentSettings } from "../shared/CurrentSettings"
import { AttachedFiles } from "./AttachedFiles"
import { Blobs } from "./Blobs"
import { FileNotFound, FileTooLarge, InvalidFile } from "./Files/Errors"
import { FileId, type StoredFile } from "./Files/Model"
import { FilesRepo } from "./Files/Repo"
import {
  isImageOrPdf,
  parseDataUri,
  resolveAnyMediaType,
  resolveMediaType,
  sanitizeFileName,
} from "./Files/Rules"
import { MediaTypes } from "./MediaTypes"

interface NewFile {
  readonly bytes: Uint8Array
  readonly name?: string | undefined
  /** As declared by the client; the type detected from the content takes precedence. */
  readonly mediaType?: string | undefined
}

interface Upload<E> {
  readonly name?: string | undefined
  /** As declared by the client. */
  readonly mediaType?: string | undefined
  readonly content: Stream.Stream<Uint8Array, E>
}

/** The number of bytes from which media types are detected. */
const HEAD_SIZE = 4100

/** The largest file that is sent to a model, in bytes: what fits into a message as a data URI. */
const MAX_ATTACHMENT_SIZE = 30 * 1024 * 1024

const tooLarge = (limit: number) => new InvalidFile({ message: new FileTooLarge({ limit }).message })

const unsupported = new InvalidFile({
  message: "Unsupported file type: send PNG, JPEG, WebP or GIF images, PDF, or text.",
})

const concat = (a: Uint8Array, b: Uint8Array) => {
  const both = new Uint8Array(a.byteLength + b.byteLength)
  both.set(a)
  both.set(b, a.byteLength)
  return both
}

/** Stores the files that users upload and attach, and the images that models generate. */
export class Files extends Effect.Service<Files>()("Files", {
  dependencies: [FilesRepo.Default],
  effect: Effect.gen(function* () {
    const repo = yield* FilesRepo
    const blobs = yield* Blobs
    const mediaTypes = yield* MediaTypes
    const attached = yield* AttachedFiles
    const settings = yield* CurrentSettings
    const maxSize = () => settings.get().maxFileBytes

    const orNotFound = <A>(row: Option.Option<A>) => Effect.mapError(row, () => new FileNotFound())

    /** Resolves a file's media type from its content. Fails if it is empty, too large or of an unsupported type. */
    const validate = Effect.fn("Files.validate")(function* ({ bytes, mediaType: declared }: NewFile) {
      if (bytes.byteLength === 0) return yield* new InvalidFile({ message: "The file is empty." })
      if (bytes.byteLength > maxSize()) return yield* tooLarge(maxSize())
      const mediaType = resolveMediaType(yield* mediaTypes.detect(bytes), declared, bytes)
      return mediaType === undefined ? yield* unsupported : { bytes, mediaType }
    })

    /**
     * Stores a file whose name and type are known once its content is stored. `afterInsert` runs in the
     * transaction that inserts its row.
     */
    const save = <E>(
      actor: Actor,
      content: Stream.Stream<Uint8Array, E>,
      describe: Effect.Effect<Pick<StoredFile, "name" | "mediaType">>,
      afterInsert: (file: StoredFile) => Effect.Effect<void> = () => Effect.void,
    ) =>
      Effect.flatMap(DateTime.nowAsDate, (createdAt) =>
        blobs.store(content, (id, size) =>
          describe.pipe(
            Effect.map(
              (description): StoredFile => ({
                id: FileId.make(id),
                ownerId: actor.userId,
                ...description,
                size,
                createdAt,
              }),
            ),
            Effect.tap((file) => Effect.zipRight(repo.insert(file), afterInsert(file))),
          ),
        ),
      )

    /** Stores a file that models accept. `afterInsert` runs in the transaction that inserts its row. */
    const store = Effect.fn("Files.store")(function* (
      actor: Actor,
      input: NewFile,
      afterInsert?: (file: StoredFile) => Effect.Effect<void>,
    ) {
      const { bytes, mediaType } = yield* validate(input)
      const description = { name: sanitizeFileName(input.name, mediaType), mediaType }
      return yield* save(actor, Stream.make(bytes), Effect.succeed(description), afterInsert)
    })

    /** Stores a file of any kind as it arrives. Stores nothing if it is too large, or its content fails. */
    const upload = Effect.fn("Files.upload")(function* <E>(actor: Actor, input: Upload<E>) {
      const limit = maxSize()
      let size = 0
      let head = new Uint8Array()
      const content = Stream.mapEffect(input.content, (chunk) => {
        if (size < HEAD_SIZE) head = concat(head, chunk.subarray(0, HEAD_SIZE - size))
        size += chunk.byteLength
        return size > limit ? new FileTooLarge({ limit }) : Effect.succeed(chunk)
      })
      const describe = Effect.map(
        Effect.suspend(() => mediaTypes.detect(head)),
        (detected) => {
          const mediaType = resolveAnyMediaType(detected, input.mediaType, head)
          return { name: sanitizeFileName(input.name, mediaType), mediaType }
        },
      )
      return yield* save(actor, content, describe)
    })

    const decodeDataUri = (uri: string): Effect.Effect<NewFile, InvalidFile> => {
      const decoded = parseDataUri(uri)
      return decoded === undefined
        ? new InvalidFile({ message: "Not a base64 data URI (data:image/png;base64,…)." })
        : Effect.succeed(decoded)
    }

    /** Validates the file in a base64 data URI like `validate`. */
    const validateDataUri = (uri: string) => Effect.flatMap(decodeDataUri(uri), validate)
    const storeDataUri = Effect.fn("Files.storeDataUri")((actor: Actor, uri: string, name?: string) =>
      Effect.flatMap(decodeDataUri(uri), (file) => store(actor, { ...file, name })),
    )

    /** Lists the actor's own files, newest first: uploads, attachments and generated images. */
    const list = Effect.fn("Files.list")(repo.list)

    /** Returns a file of the actor, of a project of theirs or of its chats, or attached to what they may read. */
    const get = Effect.fn("Files.get")(function* (actor: Actor, id: FileId) {
      const file = yield* repo.find(id, actor)
      if (Option.isSome(file)) return file.value
      const isReadable = yield* attached.isReadable(actor, id)
      return yield* isReadable ? Effect.flatMap(repo.find(id), orNotFound) : new FileNotFound()
    })

    /** Returns a file that the actor may read, with its content, which is read when it is used. */
    const open = Effect.fn("Files.open")(function* (actor: Actor, id: FileId) {
      const file = yield* get(actor, id)
      return { file, content: yield* Effect.flatMap(blobs.open(file.id), orNotFound) }
    })

    /** Returns a file that the actor may read, with all its bytes. */
    const read = Effect.fn("Files.read")(function* (actor: Actor, id: FileId) {
      const { file, content } = yield* open(actor, id)
      // Fails when the file is deleted meanwhile.
      const bytes = yield* Effect.tryPromise({ try: () => content.bytes(), catch: () => new FileNotFound() })
      return { file, bytes }
    })

    /** Returns a file that the actor may read and that models accept. Its type is resolved as for models. */
    const getForModel = Effect.fn("Files.getForModel")(function* (actor: Actor, id: FileId) {
      const file = yield* get(actor, id)
      if (file.size > MAX_ATTACHMENT_SIZE) return yield* tooLarge(MAX_ATTACHMENT_SIZE)
      if (isImageOrPdf(file.mediaType)) return file
      const { bytes } = yield* read(actor, id)
      const mediaType = resolveMediaType(undefined, file.mediaType, bytes)
      return mediaType === undefined ? yield* unsupported : { ...file, mediaType }
    })

    /** Deletes those of the files that are the actor's, with their blobs, and returns how many there were. */
    const remove = Effect.fn("Files.remove")(function* (actor: Actor, files: ReadonlyArray<FileId>) {
      if (files.length === 0) return 0
      const removed = yield* repo.remove(actor, files)
      yield* blobs.delete(removed.flatMap(({ id, thumbnailId }) => [id, thumbnailId ?? []].flat()))
      return removed.length
    })

    /** Deletes one of the actor's files, with its blob. */
    const deleteFile = Effect.fn("Files.delete")(function* (actor: Actor, id: FileId) {
      if ((yield* remove(actor, [id])) === 0) return yield* new FileNotFound()
    })

    return {
      /** Returns the maximum size of one file at present, in bytes. */
      maxSize,
      validate,
      validateDataUri,
      store,
      storeDataUri,
      upload,
      list,
      get,
      getForModel,
      open,
      read,
      remove,
      delete: deleteFile,
      attachToConversation: repo.attachToConversation,
    }
  }),
}) {}
