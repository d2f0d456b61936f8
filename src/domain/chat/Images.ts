import { Clock, Effect, Exit, Option } from "effect"
import { Files } from "../files/Files"
import { LargestFile } from "../files/Files/Model"
import { RemoteFiles } from "../files/RemoteFiles"
import { describeFailure } from "../generation/Generations/Errors"
import { ImageModel, type PictureRequest } from "../models/ImageModel"
import type { ModelError } from "../models/LanguageModel"
import { Models } from "../models/Models"
import { bareModel } from "../models/Models/Model"
import { Usage } from "../operations/Usage"
import type { Actor } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import type { OffsetLimit } from "../shared/Page"
import { DrawingFailed, ImageModelNotFound, ImageNotFound, InputImageRefused } from "./Images/Errors"
import { draws, ImageId, NamedImageModels, type NewImage, pricePerImage } from "./Images/Model"
import { ImagesRepo } from "./Images/Repo"

const failed = (error: ModelError) =>
  error._tag === "ModelNotFound" ? new ImageModelNotFound(error) : new DrawingFailed(describeFailure(error))
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
    const ids = yield* IdGenerator
    const largest = yield* LargestFile
    const named = yield* NamedImageModels

    const orNotFound = <A>(found: Option.Option<A>) => Effect.mapError(found, () => new ImageNotFound())

    const byName = (name: string) =>
      Effect.map(
        Effect.option(catalogue.get(name)),
        Option.getOrElse(() => bareModel(name)),
      )

    /** The models that draw: those of which that is known, and those that the settings name. */
    const models = Effect.gen(function* () {
      const all = [...(yield* catalogue.list).filter(draws), ...(yield* Effect.forEach(named, byName))]
      return [...new Map(all.map((model) => [model.id, model])).values()]
    })

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

    /**
     * Asks the model, at its user's expense: like any other call, reserved before and settled
     * after. What it will cost in tokens nobody can say before: there must be one left.
     */
    const draw = Effect.fnUntraced(function* (actor: Actor, request: PictureRequest) {
      const id = yield* ids.generate
      return yield* Effect.acquireUseRelease(
        usage.reserve(actor, { id, model: request.model, tokens: 1, messages: 0 }),
        () => Effect.mapError(model.draw(request), failed),
        (_, exit) => {
          const price = catalogue.priceOf(request.model)
          if (Exit.isFailure(exit)) return usage.settle(id, nothing, price)
          const { usage: counted } = exit.value
          // Without a count of tokens the ledger cannot tell that the model was asked.
          const besideUsd = pricePerImage(price) ?? (counted === undefined ? price?.request : undefined)
          return usage.settle(id, { ...(counted ?? nothing), besideUsd }, price)
        },
      )
    })

    /** Has a picture drawn, and keeps it. */
    const generate = Effect.fn("Images.generate")(function* (actor: Actor, wanted: NewImage) {
      const inputs = yield* Effect.forEach(wanted.inputs ?? [], input, { concurrency: 4 })
      const { prompt, model: modelId, negativePrompt = "" } = wanted
      const begun = yield* Clock.currentTimeMillis
      const { bytes, usage = {} } = yield* draw(actor, { model: modelId, prompt, negativePrompt, inputs })
      const now = yield* Clock.currentTimeMillis
      const image = {
        id: ImageId.make(yield* ids.generate),
        userId: actor.userId,
        prompt,
        negativePrompt,
        modelId,
        isFavorite: false,
        inputsCount: inputs.length,
        milliseconds: now - begun,
        usage,
        createdAt: new Date(now),
      }
      const file = yield* files
        .store(actor, { bytes, name: "image" }, ({ id }) => repo.insert({ ...image, fileId: id }))
        .pipe(Effect.catchTag("FileRefused", () => new DrawingFailed(noPicture)))
      return { image: { ...image, fileId: file.id }, bytes, mediaType: file.mediaType }
    })

    /** The actor's, the latest first; all of them, or the favourites. */
    const history = Effect.fn("Images.history")((actor: Actor, favorites: boolean, window: OffsetLimit) =>
      repo.page(actor, favorites, window),
    )

    /** Takes a picture away, and the file that it is in. */
    const remove = Effect.fn("Images.remove")(function* (actor: Actor, id: ImageId) {
      const image = yield* Effect.flatMap(repo.find(actor, id), orNotFound)
      if ((yield* files.remove(actor, [image.fileId])) === 0) return yield* new ImageNotFound()
    })

    const toggleFavorite = Effect.fn("Images.toggleFavorite")((actor: Actor, id: ImageId) =>
      Effect.flatMap(repo.toggleFavorite(actor, id), orNotFound),
    )

    return { models, generate, history, remove, toggleFavorite }
  }),
}) {}
