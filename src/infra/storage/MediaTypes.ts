import { Effect, Layer } from "effect"
import { fileTypeFromBuffer } from "file-type"
import { MediaTypes } from "../../domain/files/MediaTypes"

/** Detects media types by a file's first bytes, with the `file-type` package. */
export const layer = Layer.succeed(MediaTypes, {
  detect: (bytes) => Effect.promise(async () => (await fileTypeFromBuffer(bytes))?.mime),
})
