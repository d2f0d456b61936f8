import { Either, Encoding } from "effect"

const pictures = new Set(["image/png", "image/jpeg", "image/webp", "image/gif"])
const documents = new Set(["application/pdf"])
const textLike =
  /^(?:text\/[\w.+-]+|application\/(?:json|xml|yaml|x-yaml|javascript|typescript|[\w.-]+\+(?:json|xml)))$/

const isPicture = (mediaType: string): boolean => pictures.has(mediaType)

const isText = (bytes: Uint8Array): boolean => {
  try {
    return !new TextDecoder("utf-8", { fatal: true }).decode(bytes).includes("\u0000")
  } catch {
    return false
  }
}

/**
 * What a file is taken for: pictures and documents by what they hold, text by being text, under
 * the name that it was given if that is one of text's. Undefined: it is not taken.
 */
export const mediaTypeOf = (
  detected: string | undefined,
  declared: string | undefined,
  bytes: Uint8Array,
): string | undefined => {
  if (detected !== undefined && (isPicture(detected) || documents.has(detected))) return detected
  if (!isText(bytes)) return undefined
  const named = declared?.split(";", 1)[0]?.trim().toLowerCase()
  return named !== undefined && textLike.test(named) ? named : "text/plain"
}

/** The bytes in a data URI, and the type that it gives them. */
export const fromDataUri = (
  uri: string,
): { mediaType: string | undefined; bytes: Uint8Array } | undefined => {
  const comma = uri.indexOf(",")
  if (!uri.startsWith("data:") || comma < 0) return undefined
  const [mediaType, ...parameters] = uri.slice("data:".length, comma).split(";")
  if (parameters.at(-1)?.trim().toLowerCase() !== "base64") return undefined
  const decoded = Encoding.decodeBase64(uri.slice(comma + 1))
  return Either.isRight(decoded) ? { mediaType: mediaType || undefined, bytes: decoded.right } : undefined
}

/** A file's name without what is unfit for one, and never empty. */
export const nameFor = (given: string | undefined, mediaType: string): string => {
  const name = (given ?? "")
    .replace(/[\p{Cc}\p{Cf}/\\]+/gu, "_")
    .trim()
    .slice(-200)
    .toWellFormed()
  return name === "" ? `file.${mediaType.split("/").at(-1)?.split("+")[0] ?? "bin"}` : name
}
