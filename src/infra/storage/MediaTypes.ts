import { Effect, Layer } from "effect"
import { fileTypeFromBuffer } from "file-type"
import { MediaTypes } from "../../domain/files/MediaTypes"

/** By the first bytes, as the `file-type` package knows them. */
export const layer = Layer.succeed(MediaTypes, {
  detect: (bytes) => Effect.promise(async () => (await fileTypeFromBuffer(bytes))?.mime),
})
