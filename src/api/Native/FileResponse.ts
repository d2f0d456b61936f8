import { HttpServerResponse } from "@effect/platform"
import { create as contentDisposition } from "content-disposition"
import type { StoredFile } from "../../domain/files/Files/Model"

/** Shown in a page as what they are; everything else is offered to be saved. */
const shown = /^image\/(?:png|jpeg|webp|gif)$/

/** The one range that a header asks for, if it is one: `bytes=0-99`, `bytes=100-`, `bytes=-50`. */
const rangeIn = (header: string | undefined, size: number) => {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? []
  if (first === "" && last === "") return undefined
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1)
  return { start, end }
}

/** A file, or the part of it that is asked for. */
export const fileResponse = (file: StoredFile, bytes: Uint8Array, range: string | undefined) => {
  const size = bytes.byteLength
  const asked = rangeIn(range, size)
  const headers = {
    "accept-ranges": "bytes",
    // A file never changes, and is its owner's alone.
    "cache-control": "private, max-age=31536000, immutable",
    "content-disposition": contentDisposition(file.name, {
      type: shown.test(file.mediaType) ? "inline" : "attachment",
    }),
    "content-security-policy": "sandbox; default-src 'none'",
  }
  if (asked === undefined)
    return HttpServerResponse.uint8Array(bytes, { contentType: file.mediaType, headers })
  if (asked.start > asked.end) {
    return HttpServerResponse.empty({
      status: 416,
      headers: { ...headers, "content-range": `bytes */${size}` },
    })
  }
  return HttpServerResponse.uint8Array(bytes.subarray(asked.start, asked.end + 1), {
    status: 206,
    contentType: file.mediaType,
    headers: { ...headers, "content-range": `bytes ${asked.start}-${asked.end}/${size}` },
  })
}
