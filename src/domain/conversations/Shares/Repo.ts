import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import { type Actor, UserId } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import { execute, findAll, findOne, hasRow } from "../../shared/Rows"
import { ConversationId } from "../Conversations/Model"
import { Share, SharedConversation, type StoredShareId } from "./Model"

/** A share as it is stored. */
const ShareRow = Schema.Struct({ ...Share.omit("id").fields, sealed: Schema.String })

/** A share's encrypted id, with the user who may decrypt it. */
const SealedId = Schema.Struct({ ...ShareRow.pick("sealed").fields, userId: UserId })

/** A share whose copy, if it still exists, may be the actor's. */
const OwnershipRow = Schema.Struct({ exists: Schema.Boolean, conversationId: Schema.NullOr(ConversationId) })

/** A share, with its copy unless that was deleted. */
const ReadRow = Schema.Union(
  Schema.Struct({ ...SharedConversation.omit("id").fields, exists: Schema.Literal(true) }),
  Schema.Struct({ exists: Schema.Literal(false) }),
)

export class SharesRepo extends Effect.Service<SharesRepo>()("SharesRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(`s.share_id as sealed, s.conversation_id as "conversationId", s.title,
      s.created_at as "createdAt", s.expires_at as "expiresAt"`)

    /** Copies a conversation of the actor in one statement, and so at one point in time. None if there is none. */
    const insert = (
      actor: Actor,
      conversationId: string,
      id: StoredShareId,
      share: Pick<Share, "createdAt" | "expiresAt">,
    ) =>
      sql`
        with source as (
          select id, title from conversations
          where id = ${uuidOrNull(conversationId)} and user_id = ${actor.userId} and arena_session_id is null
        ), share as (
          insert into shares (id_hash) select ${id.hash}::bytea from source returning id_hash
        ), copy as (
          select json_agg(
            json_build_object('role', m.role, 'content', m.content, 'createdAt', m.created_at)
            order by m.position
          ) as messages
          from source join messages m on m.conversation_id = source.id
          where m.content <> ''
        )
        insert into shared_conversations as s
          (share_hash, share_id, conversation_id, title, messages, created_at, expires_at)
        select share.id_hash, ${id.sealed}, source.id, source.title, coalesce(copy.messages, '[]'),
          ${share.createdAt}::timestamptz, ${share.expiresAt}::timestamptz
        from source, share, copy
        returning ${columns}`.pipe(findOne(ShareRow))

    /** Lists the actor's shares, newest first. */
    const list = (actor: Actor) =>
      sql`
        select ${columns} from shared_conversations s join conversations c on c.id = s.conversation_id
        where c.user_id = ${actor.userId} order by s.created_at desc, s.share_hash`.pipe(findAll(ShareRow))

    const find = (hash: Uint8Array) =>
      sql`
        select s.share_hash is not null as exists, s.title, s.messages,
          s.created_at as "sharedAt", s.expires_at as "expiresAt"
        from shares left join shared_conversations s on s.share_hash = shares.id_hash
        where shares.id_hash = ${hash}`.pipe(findOne(ReadRow))

    /** Finds a share and, if it is the actor's, its conversation; a copy that was deleted is nobody's. */
    const findOwned = (actor: Actor, hash: Uint8Array) =>
      sql`
        select s.share_hash is not null as exists, c.id as "conversationId"
        from shares left join shared_conversations s on s.share_hash = shares.id_hash
        left join conversations c on c.id = s.conversation_id and c.user_id = ${actor.userId}
        where shares.id_hash = ${hash}`.pipe(findOne(OwnershipRow))

    /** Deletes the copy of one of the actor's shares. Returns false if there is none. */
    const remove = (actor: Actor, hash: Uint8Array) =>
      sql`
        delete from shared_conversations s using conversations c
        where s.share_hash = ${hash} and c.id = s.conversation_id and c.user_id = ${actor.userId}
        returning s.share_hash`.pipe(hasRow)

    /** Lists the encrypted ids that do not begin with a prefix: those encrypted with another secret. */
    const listIdsWithout = (prefix: string) =>
      sql`
        select s.share_id as sealed, c.user_id as "userId"
        from shared_conversations s join conversations c on c.id = s.conversation_id
        where not starts_with(s.share_id, ${prefix})`.pipe(findAll(SealedId))

    /** Replaces an encrypted id by the same one, encrypted anew. */
    const replaceId = ({ sealed }: typeof SealedId.Type, resealed: string) =>
      sql`update shared_conversations set share_id = ${resealed} where share_id = ${sealed}`.pipe(execute)

    return { insert, list, find, findOwned, remove, listIdsWithout, replaceId }
  }),
}) {}
