import { Schema } from "effect"
import type { GalleryEntry } from "../../../domain/assistants/Assistants/Model"
import { example } from "../../../http/Example"
import { encodeOnly, renamed } from "../../../http/Fields"
import { configExample, configFields } from "../Configs/Body"

/** A config as the gallery lists it, with its owner's name and whether the caller saved it. */
export const GalleryConfigBody = encodeOnly(
  Schema.Struct({
    ...configFields,
    ownerName: renamed("owner_name", Schema.String.annotations({ description: "The owner's display name" })),
    isSaved: renamed("is_saved", Schema.Boolean.annotations({ description: "Whether the caller saved it" })),
  }),
  (entry: GalleryEntry) => ({ ...entry, stats: entry }),
).annotations({
  identifier: "GalleryConfig",
  ...example({ ...configExample, visibility: "public", owner_name: "John Doe", is_saved: true }),
})
