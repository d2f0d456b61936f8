import { SqlClient } from "@effect/sql"
import { Effect, Option, Schema } from "effect"
import { type Actor, UserId } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import { execute, findAll, findOne, hasRow } from "../../shared/Rows"
import { withTransaction } from "../../shared/Transaction"
import { type FileId, StoredFile } from "../Files/Model"
import { FileShare, type FileShareLimits } from "./Model"

/** A share as it is stored, with its token encrypted. */
const ShareRow = Schema.Struct({ ...FileShare.omit("token").fields, sealed: Schema.String })

/** A shared file, and whether a new download of it may begin. */
const SharedRow = Schema.Struct({
  ...StoredFile.fields,
  /** Whether the share exists and has not expired, however often it was downloaded. */
  isValid: Schema.Boolean,
  isExhausted: Schema.Boolean,
})

/** An encrypted token, with the user who may decrypt it. */
const SealedToken = Schema.Struct({ sealed: Schema.String, userId: UserId })

export class FileSharesRepo extends Effect.Service<FileSharesRepo>()("FileSharesRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const transaction = withTransaction(sql)

    const columns = sql.literal(
      `token as sealed, expires_at as "expiresAt", max_downloads as "maxDownloads", downloads, s.created_at as "createdAt"`,
    )

    /** Shares one of the actor's files, in place of its current share. None if there is no such file. */
    const replace = (
      actor: Actor,
      file: FileId,
      token: { readonly hash: Uint8Array; readonly sealed: string },
      { expiresAt, maxDownloads }: FileShareLimits,
      now: Date,
    ) =>
      transaction(
        Effect.gen(function* () {
          // The lock makes shares of a file wait for each other.
          const own = yield* sql`
            select id from files where id = ${uuidOrNull(file)} and owner_id = ${actor.userId}
            for no key update`.pipe(hasRow)
          if (!own) return Option.none()
          yield* sql`update file_shares set revoked_at = ${now} where file_id = ${file} and revoked_at is null`
          return yield* sql`
            insert into file_shares as s (token_hash, token, file_id, expires_at, max_downloads, created_at)
            values (${token.hash}, ${token.sealed}, ${file}, ${expiresAt}, ${maxDownloads}, ${now})
            returning ${columns}`.pipe(findOne(ShareRow))
        }),
      )

    /** Finds the current share of one of the actor's files. */
    const findCurrent = (actor: Actor, file: FileId) =>
      sql`
        select ${columns} from file_shares s join files f on f.id = s.file_id
        where f.id = ${uuidOrNull(file)} and f.owner_id = ${actor.userId} and revoked_at is null`.pipe(
        findOne(ShareRow),
      )

    /** Revokes the current share of one of the actor's files. Returns false if there is none. */
    const revoke = (actor: Actor, file: FileId, now: Date) =>
      sql`
        update file_shares s set revoked_at = ${now} from files f
        where f.id = ${uuidOrNull(file)} and f.owner_id = ${actor.userId} and s.file_id = f.id
          and revoked_at is null
        returning s.file_id`.pipe(hasRow)

    const isValidAt = (now: Date) => sql`(revoked_at is null and (expires_at is null or expires_at > ${now}))`

    const find = (hash: Uint8Array, now: Date) =>
      sql`
        select f.id, owner_id as "ownerId", name, media_type as "mediaType", size, f.created_at as "createdAt",
          ${isValidAt(now)} as "isValid", coalesce(downloads >= max_downloads, false) as "isExhausted"
        from file_shares s join files f on f.id = s.file_id where token_hash = ${hash}`.pipe(
        findOne(SharedRow),
      )

    /** Counts a download. Returns false if it is one too many, or comes too late. */
    const countDownload = (hash: Uint8Array, now: Date) =>
      sql`
        update file_shares set downloads = downloads + 1
        where token_hash = ${hash} and ${isValidAt(now)}
          and (max_downloads is null or downloads < max_downloads)
        returning file_id`.pipe(hasRow)

    /** Lists the encrypted tokens that do not begin with a prefix: those encrypted with another secret. */
    const listTokensWithout = (prefix: string) =>
      sql`
        select token as sealed, owner_id as "userId" from file_shares s join files f on f.id = s.file_id
        where not starts_with(token, ${prefix})`.pipe(findAll(SealedToken))

    /** Replaces an encrypted token by the same one, encrypted with the current key. */
    const replaceToken = ({ sealed }: typeof SealedToken.Type, resealed: string) =>
      sql`update file_shares set token = ${resealed} where token = ${sealed}`.pipe(execute)

    return { replace, findCurrent, revoke, find, countDownload, listTokensWithout, replaceToken }
  }),
}) {}
