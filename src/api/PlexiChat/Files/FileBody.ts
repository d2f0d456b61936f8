import { Schema } from "effect"
import { FileId, type StoredFile } from "../../../domain/files/Files/Model"
import { UserId } from "../../../domain/shared/Actor"
import { example } from "../../../http/Example"
import { encodeOnly } from "../../../http/Fields"

const id = "019bc0f1-2b51-7c3a-9d52-1c3e5a7b9d20"

export const fileExample = {
  id,
  owner_id: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
  name: "engine.png",
  size: 48_211,
  mime_type: "image/png",
  url: `/v1/files/${id}/download`,
  thumbnail_url: `/v1/files/${id}/thumbnail`,
  created_at: "2026-01-15T09:30:00.000Z",
}

/** A file as the PlexiChat contract sends it. */
export const FileBody = encodeOnly(
  Schema.Struct({
    id: FileId,
    owner_id: UserId.annotations({ description: "Who uploaded it" }),
    name: Schema.String,
    size: Schema.Int.annotations({ description: "In bytes" }),
    mime_type: Schema.String.annotations({ description: "Images and PDF are detected from the content" }),
    url: Schema.String.annotations({ description: "Where to download it, with the same authentication" }),
    thumbnail_url: Schema.NullOr(Schema.String).annotations({
      description: "Where its thumbnail is; null for what is not an image",
    }),
    created_at: Schema.Date,
  }).annotations({ identifier: "PlexiChatFile", ...example(fileExample) }),
  ({ id, ownerId, name, size, mediaType, createdAt }: StoredFile) => ({
    id,
    owner_id: ownerId,
    name,
    size,
    mime_type: mediaType,
    url: `/v1/files/${id}/download`,
    thumbnail_url: mediaType.startsWith("image/") ? `/v1/files/${id}/thumbnail` : null,
    created_at: createdAt,
  }),
)
