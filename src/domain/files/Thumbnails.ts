import { Effect, Stream } from "effect"
import type { Actor } from "../shared/Actor"
import { Blobs } from "./Blobs"
import { Files } from "./Files"
import { FileNotFound } from "./Files/Errors"
import type { FileId } from "./Files/Model"
import { ImageResizer, thumbnailMediaType } from "./ImageResizer"
import { ThumbnailUnavailable } from "./Thumbnails/Errors"
import { ThumbnailsRepo } from "./Thumbnails/Repo"

/** The largest image of which a thumbnail is made, in bytes: it is read into memory. */
const MAX_IMAGE_SIZE = 64 * 1024 * 1024

/** How many images are decoded at once: each takes four bytes of memory for every pixel. */
const MAX_CONCURRENT = 2

/** Makes thumbnails of images when they are first asked for, and stores them until the image is deleted. */
export class Thumbnails extends Effect.Service<Thumbnails>()("Thumbnails", {
  dependencies: [ThumbnailsRepo.Default],
  effect: Effect.gen(function* () {
    const repo = yield* ThumbnailsRepo
    const files = yield* Files
    const blobs = yield* Blobs
    const resizer = yield* ImageResizer
    const turns = yield* Effect.makeSemaphore(MAX_CONCURRENT)

    const findStored = (id: FileId) => Effect.flatten(repo.find(id))

    const make = Effect.fnUntraced(function* (actor: Actor, id: FileId) {
      const { bytes } = yield* files.read(actor, id)
      const thumbnail = yield* Effect.mapError(
        Effect.flatten(resizer.thumbnail(bytes)),
        () => new ThumbnailUnavailable(),
      )
      // Another request may have stored one since, or the file may be gone: then this one is dropped.
      return yield* blobs
        .store(Stream.make(thumbnail), (blob, size) => Effect.flatten(repo.insert(id, blob, size)))
        .pipe(
          Effect.catchTag("NoSuchElementException", () => findStored(id)),
          Effect.catchTag("NoSuchElementException", () => new FileNotFound()),
        )
    })

    /** Returns the thumbnail of an image that the actor may read, as a file with its content. */
    const open = Effect.fn("Thumbnails.open")(function* (actor: Actor, id: FileId) {
      const { name, mediaType, size } = yield* files.get(actor, id)
      if (size > MAX_IMAGE_SIZE || !mediaType.startsWith("image/")) return yield* new ThumbnailUnavailable()
      const thumbnail = yield* findStored(id).pipe(
        Effect.orElse(() => turns.withPermits(1)(Effect.orElse(findStored(id), () => make(actor, id)))),
      )
      const content = yield* Effect.mapError(
        Effect.flatten(blobs.open(thumbnail.id)),
        () => new FileNotFound(),
      )
      const file = { ...thumbnail, name: `${name.replace(/\.\w+$/, "")}.webp`, mediaType: thumbnailMediaType }
      return { file, content }
    })

    return { open }
  }),
}) {}
