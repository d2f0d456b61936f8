import { Either, Encoding } from "effect"

const imageMediaTypes = new Set(["image/png", "image/jpeg", "image/webp", "image/gif"])
const textMediaTypes =
  /^(?:text\/[\w.+-]+|application\/(?:json|xml|yaml|x-yaml|javascript|typescript|[\w.-]+\+(?:json|xml)))$/

/** Whether models accept files of this type other than as text. It is always detected from the content. */
export const isImageOrPdf = (mediaType: string): boolean =>
  imageMediaTypes.has(mediaType) || mediaType === "application/pdf"

/** Whether bytes are valid UTF-8 text; a `prefix` of a text may end within a character. */
const isText = (bytes: Uint8Array, isPrefix = false): boolean => {
  try {
    return !new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: isPrefix }).includes("\u0000")
  } catch {
    return false
  }
}

const normalizeMediaType = (declared: string | undefined) => declared?.split(";", 1)[0]?.trim().toLowerCase()

/**
 * Resolves the media type of a file for a model: images and PDF by their content; valid UTF-8 as text, of
 * the declared type if that is a textual one. Undefined for unsupported files.
 */
export const resolveMediaType = (
  detected: string | undefined,
  declared: string | undefined,
  bytes: Uint8Array,
): string | undefined => {
  if (detected !== undefined && isImageOrPdf(detected)) return detected
  if (!isText(bytes)) return undefined
  const declaredType = normalizeMediaType(declared)
  return declaredType !== undefined && textMediaTypes.test(declaredType) ? declaredType : "text/plain"
}

/**
 * Resolves the media type of any file from its first bytes: images and PDF by their content, others as
 * declared, or else by their content.
 */
export const resolveAnyMediaType = (
  detected: string | undefined,
  declared: string | undefined,
  head: Uint8Array,
): string => {
  if (detected !== undefined && isImageOrPdf(detected)) return detected
  const declaredType = normalizeMediaType(declared) ?? ""
  const isDeclared =
    /^[\w.+-]{1,60}\/[\w.+-]{1,100}$/.test(declaredType) && declaredType !== "application/octet-stream"
  if (isDeclared && !isImageOrPdf(declaredType)) return declaredType
  return detected ?? (isText(head, true) ? "text/plain" : "application/octet-stream")
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
