import { Schema } from "effect"
import type { GalleryEntry } from "../../../domain/assistants/Assistants/Model"
import { ConfigBody, toConfig } from "../Configs/Body"

/** A config as somebody finds it in the gallery. */
export const GalleryConfigBody = Schema.Struct({
  ...ConfigBody.fields,
  owner_name: Schema.String.annotations({ description: "Whose it is, by the name they show" }),
  is_saved: Schema.Boolean.annotations({ description: "Whether it is in the caller's collection" }),
}).annotations({ identifier: "GalleryConfig" })

export const toGalleryConfig = (entry: GalleryEntry): typeof GalleryConfigBody.Type => ({
  ...toConfig(entry),
  owner_name: entry.ownerName,
  is_saved: entry.isSaved,
})
