import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { Files } from "../../domain/files/Files"
import { FileId, type StoredFile } from "../../domain/files/Files/Model"
import { RateLimits, WeakETag } from "../../http/Annotations"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { encodeOnly } from "../../http/Fields"
import { downloadHeaders, partOfFile, unchangedFile, wholeFile } from "../../http/FileDownload"
import { FileForm, receiveFile } from "../../http/FileForm"
import { fileResponse } from "../../http/FileResponse"
import { rateLimits } from "../../http/RateLimitPolicy"
import { defineResource } from "../../http/Resource"
import { bodyOf, Success } from "./Body"
import { errors } from "./Errors"

const exampleId = "019bc0f1-2b51-7c3a-9d52-1c3e5a7b9d20"

const fileId = HttpApiSchema.param(
  "id",
  FileId.annotations({ description: "The file's id", ...example(exampleId) }),
)

/** A file as the ChatGPT clone contract sends it. */
export const FileBody = encodeOnly(
  Schema.Struct({
    id: FileId,
    name: Schema.String,
    size: Schema.Int.annotations({ description: "In bytes" }),
    mimeType: Schema.String.annotations({ description: "Images and PDF are detected from the content" }),
    url: Schema.String.annotations({ description: "Where to download it, with the same authentication" }),
    createdAt: Schema.Date,
  }).annotations({
    identifier: "FileRecord",
    ...example({
      id: exampleId,
      name: "groceries.txt",
      size: 11,
      mimeType: "text/plain",
      url: `/api/files/${exampleId}/download`,
      createdAt: "2026-01-15T09:30:00.000Z",
    }),
  }),
  (file: StoredFile) => ({ ...file, mimeType: file.mediaType, url: `/api/files/${file.id}/download` }),
)

const endpoints = HttpApiGroup.make("files")
  .add(
    HttpApiEndpoint.post("uploadFile", "/api/files")
      .setPayload(FileForm)
      .addSuccess(bodyOf("The stored file", "file", FileBody), { status: 201 })
      .addError(errors.FileTooLarge)
      .addError(errors.StorageFailed)
      .annotate(RateLimits, rateLimits.upload)
      .annotate(OpenApi.Summary, "Upload a file")
      .annotate(
        OpenApi.Description,
        "Stores a file of any type. It is received as a stream; one that is larger than `MAX_FILE_BYTES` is rejected as soon as that is known. Images, PDF and text of up to 30 MiB can be attached to messages.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getFile")`/api/files/${fileId}`
      .addSuccess(bodyOf("The file's details", "file", FileBody))
      .addError(errors.FileNotFound)
      .annotate(WeakETag, true)
      .annotate(OpenApi.Summary, "Get a file's details")
      .annotate(
        OpenApi.Description,
        "Returns the name, size and type of a file that the user may download: their own, or one in a project of theirs.",
      ),
  )
  .add(
    HttpApiEndpoint.del("deleteFile")`/api/files/${fileId}`
      .addSuccess(Success)
      .addError(errors.FileNotFound)
      .annotate(OpenApi.Summary, "Delete a file")
      .annotate(
        OpenApi.Description,
        "Deletes the file with its content, also from messages that it is attached to.",
      ),
  )
  .add(
    HttpApiEndpoint.get("downloadFile")`/api/files/${fileId}/download`
      .setHeaders(downloadHeaders)
      .addSuccess(wholeFile)
      .addSuccess(partOfFile)
      .addSuccess(unchangedFile)
      .addError(errors.FileNotFound)
      .annotate(OpenApi.Summary, "Download a file")
      .annotate(
        OpenApi.Description,
        "Returns an uploaded file, an attachment of a message or a generated image, with its own content type. Only PNG, JPEG, WebP and GIF images may be displayed inline; all others are attachments. A range that begins beyond the end is rejected with 416.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Files")
  .annotate(OpenApi.Description, "Uploaded files, attachments of messages and generated images.")

export const files = defineResource({
  group: endpoints,
  prefixes: ["/api/files"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const files = yield* Files
      return handlers
        .handle(
          "uploadFile",
          withActor((actor, { payload }) =>
            receiveFile(payload, files.maxSize(), (file) => files.upload(actor, file)),
          ),
        )
        .handle(
          "getFile",
          withActor((actor, { path }) => files.get(actor, path.id)),
        )
        .handle(
          "deleteFile",
          withActor((actor, { path }) => files.delete(actor, path.id)),
        )
        .handle(
          "downloadFile",
          withActor((actor, { path, request }) =>
            Effect.flatMap(files.open(actor, path.id), ({ file, content }) =>
              fileResponse(request, file, content),
            ),
          ),
        )
    }),
})
