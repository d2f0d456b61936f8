import { create as contentDisposition } from "content-disposition"

/** Characters that some operating system does not allow in a file name. */
const illegalFileNameChars = /[\p{Cc}\p{Cf}/\\:*?"<>|]+/gu

/** Truncates a title so that the file name stays below 255 bytes in any script, the limit of common file systems. */
const truncateTitle = (title: string) => title.slice(0, 60).replace(/[\uD800-\uDBFF]$/, "")

/**
 * Returns the Content-Disposition header of an export: the file name in UTF-8, and an ASCII fallback for
 * clients that read nothing else. The fallback is always quoted, as in UniChat's document, because some
 * clients look for the quotation marks. `kind` is what the contract calls a conversation.
 */
export const exportDisposition = (kind: string, title: string, extension: string, now: Date) => {
  const name = truncateTitle(title.replace(illegalFileNameChars, "_").trim()).replaceAll(" ", "_")
  const fileName = `${kind}_${name}_${now.toISOString().slice(0, 10)}.${extension}`
  const asciiFallback = fileName.replace(/[^\x20-\x7e]/gu, "_")
  return contentDisposition(fileName, { fallback: asciiFallback }).replace(
    / filename=([^";]+)/,
    ' filename="$1"',
  )
}
