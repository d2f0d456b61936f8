import { HttpServerResponse } from "@effect/platform"
import { create as contentDisposition } from "content-disposition"
import type { StoredFile } from "../../domain/files/Files/Model"

/** Media types that browsers may display inline; all others are sent as downloads. */
const inlineMediaTypes = /^image\/(?:png|jpeg|webp|gif)$/

/** Parses a `Range` header with a single range (`bytes=0-99`, `bytes=100-`, `bytes=-50`); returns undefined for any other. */
const parseRange = (header: string | undefined, size: number) => {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? []
  if (first === "" && last === "") return undefined
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1)
  return { start, end }
}

/** Returns the response with the whole file, or with the part that the `Range` header requests. */
export const fileResponse = (file: StoredFile, bytes: Uint8Array, range: string | undefined) => {
  const size = bytes.byteLength
  const requested = parseRange(range, size)
  const headers = {
    "accept-ranges": "bytes",
    // Files are immutable and private to their owner.
    "cache-control": "private, max-age=31536000, immutable",
    "content-disposition": contentDisposition(file.name, {
      type: inlineMediaTypes.test(file.mediaType) ? "inline" : "attachment",
    }),
    "content-security-policy": "sandbox; default-src 'none'",
  }
  if (requested === undefined)
    return HttpServerResponse.uint8Array(bytes, { contentType: file.mediaType, headers })
  if (requested.start > requested.end) {
    return HttpServerResponse.empty({
      status: 416,
      headers: { ...headers, "content-range": `bytes */${size}` },
    })
  }
  return HttpServerResponse.uint8Array(bytes.subarray(requested.start, requested.end + 1), {
    status: 206,
    contentType: file.mediaType,
    headers: { ...headers, "content-range": `bytes ${requested.start}-${requested.end}/${size}` },
  })
}
