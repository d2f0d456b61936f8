import { Context, type Effect } from "effect"
import type { Actor } from "../shared/Actor"
import type { FileId } from "./Files/Model"

/**
 * Knows the files that others than their owner may read because of what they are attached to. Messaging
 * implements it, which is above files.
 */
export class AttachedFiles extends Context.Tag("AttachedFiles")<
  AttachedFiles,
  { readonly isReadable: (actor: Actor, file: FileId) => Effect.Effect<boolean> }
>() {}
