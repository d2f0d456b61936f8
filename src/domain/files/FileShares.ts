import { DateTime, Effect, Encoding, Redacted } from "effect"
import type { Actor, UserId } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import { resealSecrets } from "../shared/resealSecrets"
import { SecretBox } from "../shared/SecretBox"
import { Tokens } from "../shared/Tokens"
import { Blobs } from "./Blobs"
import { FileShareExpired, FileShareNotFound, InvalidFileShareExpiry } from "./FileShares/Errors"
import { type FileShare, type FileShareLimits, FileShareToken } from "./FileShares/Model"
import { FileSharesRepo } from "./FileShares/Repo"
import { Files } from "./Files"
import { FileNotFound } from "./Files/Errors"
import type { FileId } from "./Files/Model"

const ownerOf = (userId: UserId) => ({ userId, purpose: "token of a file share" })

/**
 * Shares files by link with people who have no account, until the link expires, was downloaded as often as
 * it may be, or is revoked. A file has one link at a time.
 *
 * Every download has a tag, which only this server can make. A client that has one may read the rest of what an
 * interrupted connection left out, also after the last download: otherwise a bad connection uses up a link,
 * and if every part of a file were free, the limit would hold for its first byte only.
 */
export class FileShares extends Effect.Service<FileShares>()("FileShares", {
  dependencies: [FileSharesRepo.Default],
  scoped: Effect.gen(function* () {
    const repo = yield* FileSharesRepo
    const files = yield* Files
    const blobs = yield* Blobs
    const ids = yield* IdGenerator
    const tokens = yield* Tokens
    const secrets = yield* SecretBox

    /** Shares one of the actor's files. The link that there was until now stops working. */
    const create = Effect.fn("FileShares.create")(function* (
      actor: Actor,
      file: FileId,
      limits: FileShareLimits,
    ) {
      const now = yield* DateTime.nowAsDate
      if (limits.expiresAt !== null && limits.expiresAt <= now) return yield* new InvalidFileShareExpiry()
      const { hash, value } = yield* tokens.generateSecret
      const sealed = yield* secrets.seal(Redacted.make(value), ownerOf(actor.userId))
      const inserted = yield* repo.replace(actor, file, { hash, sealed }, limits, now)
      const { sealed: _, ...share } = yield* Effect.mapError(inserted, () => new FileNotFound())
      const created: FileShare = { token: FileShareToken.make(value), ...share }
      return created
    })

    /** Returns the link to one of the actor's files, also after it has expired. */
    const get = Effect.fn("FileShares.get")(function* (actor: Actor, file: FileId) {
      yield* files.get(actor, file)
      const { sealed, ...share } = yield* Effect.mapError(
        yield* repo.findCurrent(actor, file),
        () => new FileShareNotFound(),
      )
      // Encrypted with a secret that the server does not have any more.
      const token = yield* Effect.mapError(
        secrets.open(sealed, ownerOf(actor.userId)),
        () => new FileShareNotFound(),
      )
      const current: FileShare = { token: FileShareToken.make(Redacted.value(token)), ...share }
      return current
    })

    /** Revokes the link to one of the actor's files. */
    const revoke = Effect.fn("FileShares.revoke")(function* (actor: Actor, file: FileId) {
      yield* files.get(actor, file)
      const revoked = yield* repo.revoke(actor, file, yield* DateTime.nowAsDate)
      if (!revoked) return yield* new FileShareNotFound()
    })

    const signTag = (token: FileShareToken, id: string) => {
      const code = tokens.authenticationCode(`download ${id} of file share ${token}`)
      return `${id}.${Encoding.encodeBase64Url(code)}`
    }

    /** Returns whether a tag is that of an earlier download of the same link. */
    const isTag = (token: FileShareToken, tag: string) =>
      tag === signTag(token, tag.slice(0, tag.indexOf(".")))

    /**
     * Returns a shared file by its token, with its content and the tag of the download: a new
     * one, or `tag` if that is the tag of an earlier download. Counts nothing.
     */
    const open = Effect.fn("FileShares.open")(function* (token: FileShareToken, tag: string | undefined) {
      const row = yield* repo.find(tokens.hash(token), yield* DateTime.nowAsDate)
      const { isValid, isExhausted, ...file } = yield* Effect.mapError(row, () => new FileShareNotFound())
      const earlier = tag !== undefined && isTag(token, tag) ? tag : undefined
      if (!isValid || (isExhausted && earlier === undefined)) return yield* new FileShareExpired()
      const content = yield* Effect.mapError(
        Effect.flatten(blobs.open(file.id)),
        () => new FileShareNotFound(),
      )
      return {
        file,
        content,
        tag: earlier ?? signTag(token, yield* ids.generate),
        isKnown: earlier !== undefined,
      }
    })

    /** Counts a download that begins. Of several at once, only as many succeed as are left. */
    const countDownload = Effect.fn("FileShares.countDownload")(function* (token: FileShareToken) {
      const counted = yield* repo.countDownload(tokens.hash(token), yield* DateTime.nowAsDate)
      if (!counted) return yield* new FileShareExpired()
    })

    yield* resealSecrets({
      kind: "token of a file share",
      listWithout: repo.listTokensWithout,
      ownerOf: ({ userId }) => ownerOf(userId),
      replace: repo.replaceToken,
    })

    return { create, get, revoke, open, countDownload }
  }),
}) {}
