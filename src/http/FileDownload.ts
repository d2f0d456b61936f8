import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { example } from "./Example"

const exampleETag = `"019bc0f1-2b51-7c3a-9d52-1c3e5a7b9d20"`

const optionalHeader = (description: string, value: string) =>
  Schema.optional(Schema.String.annotations({ description, ...example(value) }))

/** The request headers of every operation that responds with `fileResponse`. */
export const downloadHeaders = Schema.Struct({
  range: optionalHeader("The bytes to return: one range, from the start or the end", "bytes=0-1023"),
  "if-range": optionalHeader("Ignores `Range` if the file has another ETag", exampleETag),
  "if-none-match": optionalHeader("Responds with 304 to the file's ETag", exampleETag),
})

const bytes = HttpApiSchema.Uint8Array({ contentType: "application/octet-stream" })

export const wholeFile = bytes.annotations({ description: "The whole file" })

export const partOfFile = bytes.annotations(
  HttpApiSchema.annotations({ status: 206, description: "The requested range" }),
)

export const unchangedFile = HttpApiSchema.Empty(304).annotations({
  description: "The client has the file already",
})
