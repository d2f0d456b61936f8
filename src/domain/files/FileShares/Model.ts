import { Schema } from "effect"

/** A share's token: 256 random bits in base64url. Knowing it is the permission to download the file. */
export const FileShareToken = Schema.String.pipe(Schema.brand("FileShareToken"))
export type FileShareToken = typeof FileShareToken.Type

/** How often a shared file may be downloaded. */
export const MaxDownloads = Schema.Int.pipe(Schema.between(1, 1_000_000))

export const FileShareLimits = Schema.Struct({
  /** It cannot be downloaded any more from then on; null for never. */
  expiresAt: Schema.NullOr(Schema.DateFromSelf),
  /** Null for any number. */
  maxDownloads: Schema.NullOr(MaxDownloads),
})
export type FileShareLimits = typeof FileShareLimits.Type

/** A link to a file for people without an account, as the file's owner sees it. */
export const FileShare = Schema.Struct({
  token: FileShareToken,
  ...FileShareLimits.fields,
  downloads: Schema.Int,
  createdAt: Schema.DateFromSelf,
})
export type FileShare = typeof FileShare.Type
