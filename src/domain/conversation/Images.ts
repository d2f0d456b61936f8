import { Clock, Effect, type Option } from "effect"
import type { Actor } from "../kernel/Actor"
import { Ids } from "../kernel/Ids"
import type { Window } from "../kernel/Page"
import { Files } from "../library/Files"
import { LargestFile } from "../library/Files/Model"
import { RemoteFiles } from "../library/RemoteFiles"
import { Usage } from "../operations/Usage"
import { describeFailure } from "./Generation/Errors"
import { ImageModel } from "./ImageModel"
import { DrawingFailed, ImageNotFound, InputImageRefused } from "./Images/Errors"
import { draws, type Image, ImageId, type NewImage } from "./Images/Model"
import { ImagesRepo } from "./Images/Repo"
import { Models } from "./Models"

const noPicture = { code: "MODEL_CUT_OFF", message: "What the model drew is no picture that can be kept." }
const nothing = { promptTokens: 0, completionTokens: 0 }

/** Pictures that models draw, kept as files of whoever asked for them. */
export class Images extends Effect.Service<Images>()("Images", {
  dependencies: [ImagesRepo.Default],
  effect: Effect.gen(function* () {
    const repo = yield* ImagesRepo
    const files = yield* Files
    const remote = yield* RemoteFiles
    const model = yield* ImageModel
    const catalogue = yield* Models
    const usage = yield* Usage
    const ids = yield* Ids
    const largest = yield* LargestFile

    const orNotFound = <A>(found: Option.Option<A>) => Effect.mapError(found, () => new ImageNotFound())

    /** The models that draw. */
    const models = Effect.map(catalogue.list, (all) => all.filter(draws))

    /** A picture to begin from, out of a data URI or from the web. */
    const input = Effect.fnUntraced(
      function* (given: string) {
        const picture = yield* /^https?:/i.test(given)
          ? remote.fetch(given, largest).pipe(Effect.flatMap(files.examine))
          : files.examineDataUri(given)
        if (!picture.mediaType.startsWith("image/")) {
          return yield* new InputImageRefused({ message: "An input image is no image." })
        }
        return picture
      },
      Effect.catchTags({
        FileRefused: ({ message }) => new InputImageRefused({ message }),
        RemoteFileRefused: ({ message }) => new InputImageRefused({ message }),
      }),
    )

    /** Asks the model, at its user's expense: like any other call, reserved before and settled after. */
    const draw = Effect.fnUntraced(function* (actor: Actor, wanted: NewImage) {
      const inputs = yield* Effect.forEach(wanted.inputs ?? [], input, { concurrency: 4 })
      const id = yield* ids.next
      const price = catalogue.priceOf(wanted.model)
      yield* usage.reserve(actor, { id, model: wanted.model, tokens: 0, messages: 0 })
      return yield* model
        .draw({
          model: wanted.model,
          prompt: wanted.prompt,
          negativePrompt: wanted.negativePrompt ?? "",
          inputs,
        })
        .pipe(
          Effect.tap((picture) => usage.settle(id, picture.usage ?? nothing, price)),
          Effect.onError(() => usage.settle(id, nothing, price)),
          Effect.mapError((error) => new DrawingFailed(describeFailure(error))),
        )
    })

    /** Has a picture drawn, and keeps it. */
    const generate = Effect.fn("Images.generate")(function* (actor: Actor, wanted: NewImage) {
      const begun = yield* Clock.currentTimeMillis
      const picture = yield* draw(actor, wanted)
      const now = yield* Clock.currentTimeMillis
      const file = yield* files
        .store(actor, { bytes: picture.bytes, name: "image" })
        .pipe(Effect.catchTag("FileRefused", () => new DrawingFailed(noPicture)))
      const image: Image = {
        id: ImageId.make(yield* ids.next),
        userId: actor.userId,
        fileId: file.id,
        prompt: wanted.prompt,
        negativePrompt: wanted.negativePrompt ?? "",
        modelId: wanted.model,
        isFavorite: false,
        inputsCount: wanted.inputs?.length ?? 0,
        milliseconds: now - begun,
        usage: picture.usage ?? {},
        createdAt: new Date(now),
      }
      yield* repo.insert(image).pipe(Effect.onError(() => files.remove(actor, [file.id])))
      return { image, bytes: picture.bytes, mediaType: file.mediaType }
    })

    /** The actor's, the latest first; all of them, or the favourites. */
    const history = Effect.fn("Images.history")((actor: Actor, favorites: boolean, window: Window) =>
      repo.page(actor, favorites, window),
    )

    /** Takes a picture away, and the file that it is in. */
    const remove = Effect.fn("Images.remove")(function* (actor: Actor, id: ImageId) {
      const image = yield* Effect.flatMap(repo.find(actor, id), orNotFound)
      yield* files.remove(actor, [image.fileId])
    })

    const toggleFavorite = Effect.fn("Images.toggleFavorite")((actor: Actor, id: ImageId) =>
      Effect.flatMap(repo.toggleFavorite(actor, id), orNotFound),
    )

    return { models, generate, history, remove, toggleFavorite }
  }),
}) {}
