import type { FileId } from "../../files/Files/Model"

/** A file that is to go with a message: one of the actor's, or a new one as a data URI in base64. */
export type NewAttachment =
  | { readonly fileId: FileId }
  | { readonly dataUri: string; readonly name?: string | undefined }
