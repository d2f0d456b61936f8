import { type HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { create as contentDisposition } from "content-disposition"
import { Effect } from "effect"
import type { StoredFile } from "../domain/files/Files/Model"
import { withETag } from "./ETag"
import { rangeNotSatisfiable } from "./HttpError"

/** Media types that browsers may display inline; all others are sent as downloads. */
const inlineMediaTypes = /^image\/(?:png|jpeg|webp|gif)$/

interface Range {
  readonly start: number
  /** Inclusive. */
  readonly end: number
}

/**
 * Parses a `Range` header of one range: `bytes=0-99`, `bytes=100-` or `bytes=-50`. Undefined for any other,
 * to which the whole file is the response; `unsatisfiable` for one that begins beyond the end.
 */
const parseRange = (header: string | undefined, size: number): Range | "unsatisfiable" | undefined => {
  const [, first = "", last = ""] = /^ *bytes *= *(\d*)-(\d*) *$/i.exec(header ?? "") ?? []
  if (first === "" && last === "") return undefined
  if (first !== "" && last !== "" && Number(last) < Number(first)) return undefined
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1)
  return start > end ? "unsatisfiable" : { start, end }
}

/** A file, or what is sent as one. Its id is the ETag: another content has another id. */
interface SentFile extends Pick<StoredFile, "name" | "mediaType" | "size"> {
  readonly id: string
}

/**
 * Returns the response with a file or with the range of it that is requested; 304 if the client has it.
 * Dies with an HttpError if the range is beyond the end. The ETag is strong, since a file never changes.
 */
export const fileResponse = (
  request: HttpServerRequest.HttpServerRequest,
  file: SentFile,
  content: Blob,
): Effect.Effect<HttpServerResponse.HttpServerResponse> => {
  const etag = `"${file.id}"`
  const { headers: requested, method } = request
  const appliesRange = method === "GET" && [undefined, etag].includes(requested["if-range"])
  const range = appliesRange ? parseRange(requested["range"], file.size) : undefined
  const options = {
    contentType: file.mediaType,
    headers: {
      "accept-ranges": "bytes",
      "content-disposition": contentDisposition(file.name, {
        type: inlineMediaTypes.test(file.mediaType) ? "inline" : "attachment",
      }),
      "content-security-policy": "sandbox; default-src 'none'",
    },
  }
  const whole = withETag(request, etag, HttpServerResponse.raw(content, options))
  if (range === undefined || whole.status === 304) return Effect.succeed(whole)
  if (range === "unsatisfiable") return Effect.die(rangeNotSatisfiable(file.size))
  const { start, end } = range
  const part = HttpServerResponse.raw(content.slice(start, end + 1), {
    ...options,
    status: 206,
    headers: { ...options.headers, "content-range": `bytes ${start}-${end}/${file.size}` },
  })
  return Effect.succeed(withETag(request, etag, part))
}
