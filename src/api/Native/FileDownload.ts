import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Effect } from "effect"
import { Files } from "../../domain/files/Files"
import { FileId } from "../../domain/files/Files/Model"
import { Authenticated, CurrentActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { defineResource } from "../../http/Resource"
import { errors } from "./Errors"
import { fileResponse } from "./FileResponse"

const fileId = HttpApiSchema.param(
  "id",
  FileId.annotations({
    description: "The file's id",
    ...example("019bc0f1-2b51-7c3a-9d52-1c3e5a7b9d20"),
  }),
)

const endpoints = HttpApiGroup.make("files")
  .add(
    HttpApiEndpoint.get("readFile")`/api/files/${fileId}`
      .addSuccess(
        HttpApiSchema.Uint8Array({ contentType: "application/octet-stream" }).annotations({
          description: "The whole file",
        }),
      )
      .addSuccess(
        HttpApiSchema.Uint8Array({ contentType: "application/octet-stream" }).annotations(
          HttpApiSchema.annotations({ status: 206, description: "The requested range" }),
        ),
      )
      .addError(errors.FileNotFound)
      .annotate(OpenApi.Summary, "Read a file")
      .annotate(
        OpenApi.Description,
        "Returns a generated image or a message attachment of the user, with its own content type. Supports a single byte range; a range beyond the end is rejected with 416.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Files")
  .annotate(OpenApi.Description, "Message attachments and generated images.")

export const files = defineResource({
  group: endpoints,
  prefixes: ["/api/files"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const fileStore = yield* Files
      return handlers.handle("readFile", ({ path, request }) =>
        Effect.gen(function* () {
          const { file, bytes } = yield* fileStore.read(yield* CurrentActor, path.id)
          return fileResponse(file, bytes, request.headers["range"])
        }),
      )
    }),
})
