import { HttpApiSchema } from "@effect/platform"
import type { SchemaAST } from "effect"

/** How the body of a request is encoded: JSON, a form without files, or a form with files. */
export type BodyFormat = "json" | "form" | "multipart"

export const contentTypes: Readonly<Record<BodyFormat, string>> = {
  json: "application/json",
  form: "application/x-www-form-urlencoded",
  multipart: "multipart/form-data",
}

/**
 * Returns the format that a payload schema declares: JSON, unless it is declared with
 * `HttpApiSchema.withEncoding({ kind: "UrlParams" })` or as an `HttpApiSchema.MultipartStream`.
 */
export const bodyFormatOf = (payload: SchemaAST.AST): BodyFormat => {
  if (HttpApiSchema.getMultipartStream(payload) !== undefined) return "multipart"
  return HttpApiSchema.getEncoding(payload).kind === "UrlParams" ? "form" : "json"
}
