import { Schema } from "effect"
import type { GalleryEntry } from "../../../domain/assistants/Assistants/Model"
import { ConfigBody, toConfig } from "../Configs/Body"

/** A config as the gallery lists it, with its owner's name and whether the caller saved it. */
export const GalleryConfigBody = Schema.Struct({
  ...ConfigBody.fields,
  owner_name: Schema.String.annotations({ description: "The owner's display name" }),
  is_saved: Schema.Boolean.annotations({ description: "Whether the caller saved it" }),
}).annotations({ identifier: "GalleryConfig" })

export const toGalleryConfig = (entry: GalleryEntry): typeof GalleryConfigBody.Type => ({
  ...toConfig(entry),
  owner_name: entry.ownerName,
  is_saved: entry.isSaved,
})
