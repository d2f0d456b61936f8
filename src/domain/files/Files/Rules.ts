import { Either, Encoding } from "effect"

const imageMediaTypes = new Set(["image/png", "image/jpeg", "image/webp", "image/gif"])
const documentMediaTypes = new Set(["application/pdf"])
const textMediaTypes =
  /^(?:text\/[\w.+-]+|application\/(?:json|xml|yaml|x-yaml|javascript|typescript|[\w.-]+\+(?:json|xml)))$/

const isImage = (mediaType: string): boolean => imageMediaTypes.has(mediaType)

const isText = (bytes: Uint8Array): boolean => {
  try {
    return !new TextDecoder("utf-8", { fatal: true }).decode(bytes).includes("\u0000")
  } catch {
    return false
  }
}

/**
 * Resolves a file's media type: images and documents by their content; valid UTF-8 as text, of the
 * declared type if that is a textual one. Undefined for unsupported files.
 */
export const resolveMediaType = (
  detected: string | undefined,
  declared: string | undefined,
  bytes: Uint8Array,
): string | undefined => {
  if (detected !== undefined && (isImage(detected) || documentMediaTypes.has(detected))) return detected
  if (!isText(bytes)) return undefined
  const declaredType = declared?.split(";", 1)[0]?.trim().toLowerCase()
  return declaredType !== undefined && textMediaTypes.test(declaredType) ? declaredType : "text/plain"
}

/** Decodes a base64 data URI to its bytes and declared media type; undefined if it is not one. */
export const parseDataUri = (
  uri: string,
): { mediaType: string | undefined; bytes: Uint8Array } | undefined => {
  const comma = uri.indexOf(",")
  if (!uri.startsWith("data:") || comma < 0) return undefined
  const [mediaType, ...parameters] = uri.slice("data:".length, comma).split(";")
  if (parameters.at(-1)?.trim().toLowerCase() !== "base64") return undefined
  const decoded = Encoding.decodeBase64(uri.slice(comma + 1))
  return Either.isRight(decoded) ? { mediaType: mediaType || undefined, bytes: decoded.right } : undefined
}

/** Replaces control characters and slashes in a file name, truncates it, and returns a default if it is empty. */
export const sanitizeFileName = (original: string | undefined, mediaType: string): string => {
  const name = (original ?? "")
    .replace(/[\p{Cc}\p{Cf}/\\]+/gu, "_")
    .trim()
    .slice(-200)
    .toWellFormed()
  return name === "" ? `file.${mediaType.split("/").at(-1)?.split("+")[0] ?? "bin"}` : name
}
