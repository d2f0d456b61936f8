import type { FileId } from "../../files/Files/Model"

/** A file to attach to a message: an existing one of the actor's, or a new one as a base64 data URI. */
export type NewAttachment =
  | { readonly fileId: FileId }
  | { readonly dataUri: string; readonly name?: string | undefined }
