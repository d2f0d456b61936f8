import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { type FileShare, FileShareToken, MaxDownloads } from "../../../domain/files/FileShares/Model"
import { FileId } from "../../../domain/files/Files/Model"
import { RateLimits, SecretPath } from "../../../http/Annotations"
import { Authenticated } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import { encodeOnly, Fields } from "../../../http/Fields"
import { downloadHeaders, partOfFile, unchangedFile, wholeFile } from "../../../http/FileDownload"
import { FileForm } from "../../../http/FileForm"
import { DateTimeParam } from "../../../http/Params"
import { rateLimits } from "../../../http/RateLimitPolicy"
import { enveloped, envelopedPage, pageParams } from "../Envelope"
import { errors } from "../Errors"
import { FileBody, fileExample } from "./FileBody"

const shareExample = {
  url: "https://chat.example.com/v1/shared-files/mJ0Jd0K6hVw3nTqkQ0m7b2XJc9dYtAeR5uZ1sLx8wPo",
  expires_at: "2027-12-31T23:59:59.000Z",
  max_downloads: 10,
  downloads: 0,
  created_at: "2026-01-15T09:30:00.000Z",
}

const ShareBody = encodeOnly(
  Schema.Struct({
    url: Schema.String.annotations({ description: "Whoever knows it may download the file" }),
    expires_at: Schema.NullOr(Schema.Date).annotations({ description: "Null for never" }),
    max_downloads: Schema.NullOr(MaxDownloads).annotations({ description: "Null for any number" }),
    downloads: Schema.Int.annotations({ description: "How often it was downloaded" }),
    created_at: Schema.Date,
  }).annotations({ identifier: "FileShare", ...example(shareExample) }),
  ({ url, expiresAt, maxDownloads, downloads, createdAt }: FileShare & { readonly url: string }) => ({
    url,
    expires_at: expiresAt,
    max_downloads: maxDownloads,
    downloads,
    created_at: createdAt,
  }),
)

const fileId = HttpApiSchema.param(
  "id",
  FileId.annotations({ description: "The file's id", ...example(fileExample.id) }),
)

const token = HttpApiSchema.param(
  "token",
  FileShareToken.annotations({
    description: "The token at the end of the link",
    ...example("mJ0Jd0K6hVw3nTqkQ0m7b2XJc9dYtAeR5uZ1sLx8wPo"),
  }),
)

const optionalOrNull = <A, I>(schema: Schema.Schema<A, I>, description: string) =>
  Schema.optionalWith(Schema.NullOr(schema).annotations({ description }), { default: () => null })

const NewShare = Fields({
  expiresAt: optionalOrNull(
    DateTimeParam,
    "A time in the future, ISO 8601, from which on the link fails; never, if absent or null",
  ).pipe(Schema.fromKey("expires_at")),
  maxDownloads: optionalOrNull(
    MaxDownloads,
    "How often the file may be downloaded; any number, if absent or null",
  ).pipe(Schema.fromKey("max_downloads")),
}).annotations(example({ expires_at: shareExample.expires_at, max_downloads: shareExample.max_downloads }))

/** The endpoints for users. */
const userEndpoints = HttpApiGroup.make("plexiChatFiles")
  .add(
    HttpApiEndpoint.get("v1ListFiles", "/v1/files")
      .setUrlParams(Fields(pageParams))
      .addSuccess(envelopedPage("A page of the user's files", FileBody))
      .annotate(OpenApi.Summary, "List files")
      .annotate(
        OpenApi.Description,
        "Returns the files that the user uploaded, attached to messages or had generated, newest first.",
      ),
  )
  .add(
    HttpApiEndpoint.post("v1UploadFile", "/v1/files")
      .setPayload(FileForm)
      .addSuccess(enveloped("The stored file", FileBody), { status: 201 })
      .addError(errors.FileTooLarge)
      .addError(errors.StorageFailed)
      .annotate(RateLimits, rateLimits.upload)
      .annotate(OpenApi.Summary, "Upload a file")
      .annotate(
        OpenApi.Description,
        "Stores a file of any type of up to `MAX_FILE_BYTES`, for messages to attach it by its id.",
      ),
  )
  .add(
    HttpApiEndpoint.get("v1GetFile")`/v1/files/${fileId}`
      .addSuccess(enveloped("The file's details", FileBody))
      .addError(errors.FileNotFound)
      .annotate(OpenApi.Summary, "Get a file's details")
      .annotate(
        OpenApi.Description,
        "Returns the name, size and type of a file that the user may download: their own, one in a project of theirs, or one that is attached to a message that they may read.",
      ),
  )
  .add(
    HttpApiEndpoint.get("v1DownloadFile")`/v1/files/${fileId}/download`
      .setHeaders(downloadHeaders)
      .addSuccess(wholeFile)
      .addSuccess(partOfFile)
      .addSuccess(unchangedFile)
      .addError(errors.FileNotFound)
      .annotate(OpenApi.Summary, "Download a file")
      .annotate(
        OpenApi.Description,
        "Returns the file with its own content type. Only PNG, JPEG, WebP and GIF images may be displayed inline; all others are attachments. A range that begins beyond the end is rejected with 416.",
      ),
  )
  .add(
    HttpApiEndpoint.del("v1DeleteFile")`/v1/files/${fileId}`
      .addSuccess(HttpApiSchema.NoContent)
      .addError(errors.FileNotFound)
      .annotate(OpenApi.Summary, "Delete a file")
      .annotate(
        OpenApi.Description,
        "Deletes one of the user's files with its thumbnail and its links, also from messages that it is attached to.",
      ),
  )
  .add(
    HttpApiEndpoint.get("v1GetThumbnail")`/v1/files/${fileId}/thumbnail`
      .setHeaders(downloadHeaders)
      .addSuccess(
        HttpApiSchema.Uint8Array({ contentType: "image/webp" }).annotations({
          description: "The thumbnail, with the same ETag, ranges and 304 as a download",
        }),
      )
      .addSuccess(partOfFile)
      .addSuccess(unchangedFile)
      .addError(errors.FileNotFound)
      .addError(errors.ThumbnailUnavailable)
      .addError(errors.StorageFailed)
      .annotate(OpenApi.Summary, "Get a file's thumbnail")
      .annotate(
        OpenApi.Description,
        "Returns a PNG, JPEG, WebP or GIF image as WebP of at most 320 × 320 pixels: upright, with its proportions, without metadata, the first frame of an animation, and never larger than the image. Images of more than 50 million pixels have none.",
      ),
  )
  .add(
    HttpApiEndpoint.post("v1ShareFile")`/v1/files/${fileId}/share`
      .setPayload(NewShare)
      .addSuccess(enveloped("The link", ShareBody), { status: 201 })
      .addError(errors.InvalidFileShareExpiry)
      .addError(errors.FileNotFound)
      .annotate(OpenApi.Summary, "Generate a share link")
      .annotate(
        OpenApi.Description,
        "Makes a link by which people without an account may download one of the user's files. A file has one link at a time: the one until now fails with 410 from now on.",
      ),
  )
  .add(
    HttpApiEndpoint.get("v1GetFileShare")`/v1/files/${fileId}/share`
      .addSuccess(enveloped("The link", ShareBody))
      .addError(errors.FileNotFound)
      .addError(errors.FileShareNotFound)
      .annotate(OpenApi.Summary, "Get the share link")
      .annotate(OpenApi.Description, "Returns the link of one of the user's files, also if it has expired."),
  )
  .add(
    HttpApiEndpoint.del("v1RevokeFileShare")`/v1/files/${fileId}/share`
      .addSuccess(HttpApiSchema.NoContent)
      .addError(errors.FileNotFound)
      .addError(errors.FileShareNotFound)
      .annotate(OpenApi.Summary, "Revoke the share link")
      .annotate(OpenApi.Description, "From now on the link fails with 410. The file stays."),
  )
  .middlewareEndpoints(Authenticated)

/** Those for users, and the one for whoever knows a link. */
export const endpoints = userEndpoints
  .add(
    HttpApiEndpoint.get("v1DownloadSharedFile")`/v1/shared-files/${token}`
      .setHeaders(downloadHeaders)
      .addSuccess(wholeFile)
      .addSuccess(partOfFile)
      .addSuccess(unchangedFile)
      .addError(errors.FileShareNotFound)
      .addError(errors.FileShareExpired)
      .annotate(SecretPath, true)
      .annotate(OpenApi.Summary, "Download a shared file")
      .annotate(
        OpenApi.Description,
        "Returns a shared file to whoever knows its link, as a download does. Each `GET` counts as a download when it begins, except one that continues an earlier one: with a `Range` that begins after the first byte and `If-Range` with the ETag of that download. `HEAD`, 304 and 416 do not count.",
      ),
  )
  .annotate(OpenApi.Title, "Files")
  .annotate(OpenApi.Description, "Uploaded files, their thumbnails, and links to them.")
