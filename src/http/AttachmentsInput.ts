import { ParseResult, Schema } from "effect"
import { FileId } from "../domain/files/Files/Model"
import { optional } from "./Fields"

const dataUri = /^data:/i

const optionalString = (description: string) => optional(Schema.String.annotations({ description }))

/** An attachment as clients send it: a file id, a data URI, or an object with either. */
const AttachmentInput = Schema.Union(
  Schema.String,
  Schema.Struct({
    id: optionalString("The id of an uploaded file"),
    file_id: optionalString("Alias of `id`"),
    data: optionalString("A file as a base64 data URI"),
    url: optionalString("Alias of `data`"),
    name: optionalString("The file name"),
    filename: optionalString("Alias of `name`"),
  }),
).annotations({
  description: "A file id, a base64 data URI, or an object with `id` or `data` and optionally a `name`",
})

const NewAttachment = Schema.Union(
  Schema.Struct({ fileId: FileId }),
  Schema.Struct({ dataUri: Schema.String, name: optional(Schema.String) }),
)

const Attachment = Schema.transformOrFail(AttachmentInput, NewAttachment, {
  strict: true,
  decode: (input, _, ast) => {
    const fields = typeof input === "string" ? { [dataUri.test(input) ? "data" : "id"]: input } : input
    const { id = fields.file_id, data = fields.url, name = fields.filename } = fields
    if (data !== undefined && dataUri.test(data)) {
      return ParseResult.succeed({ dataUri: data, ...(name === undefined ? {} : { name }) })
    }
    return id === undefined
      ? ParseResult.fail(
          new ParseResult.Type(ast, input, "must contain the id of a file, or a file as a data URI"),
        )
      : ParseResult.succeed({ fileId: FileId.make(id) })
  },
  encode: (attachment) =>
    ParseResult.succeed("fileId" in attachment ? attachment.fileId : attachment.dataUri),
})

/** The attachments of a new message: at most 10. */
export const AttachmentsInput = Schema.Array(Attachment).pipe(
  Schema.maxItems(10, { message: () => "must be at most 10 attachments" }),
)
