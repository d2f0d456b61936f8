import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import { findAll, findOne, hasRow } from "../../shared/Rows"
import { ConversationId } from "../Conversations/Model"
import { Share, SharedConversation, type ShareId } from "./Model"

/** Converts a client's id to a value that equals no share's id if it cannot be one. */
const shareIdOrNull = (id: string) => (/^[\w-]{22}$/.test(id) ? id : null)

/** A share whose copy, if it still exists, may be the actor's. */
const OwnershipRow = Schema.Struct({ exists: Schema.Boolean, conversationId: Schema.NullOr(ConversationId) })

/** A share, with its copy unless that was deleted. */
const ReadRow = Schema.Union(
  Schema.Struct({ ...SharedConversation.fields, exists: Schema.Literal(true) }),
  Schema.Struct({ exists: Schema.Literal(false) }),
)

export class SharesRepo extends Effect.Service<SharesRepo>()("SharesRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(`s.share_id as id, s.conversation_id as "conversationId", s.title,
      s.created_at as "createdAt", s.expires_at as "expiresAt"`)

    /** Copies a conversation of the actor in one statement, and so at one point in time. None if there is none. */
    const insert = (
      actor: Actor,
      conversationId: string,
      share: Pick<Share, "id" | "createdAt" | "expiresAt">,
    ) =>
      sql`
        with source as (
          select id, title from conversations
          where id = ${uuidOrNull(conversationId)} and user_id = ${actor.userId} and arena_session_id is null
        ), share as (
          insert into shares (id) select ${share.id} from source returning id
        ), copy as (
          select json_agg(
            json_build_object('role', m.role, 'content', m.content, 'createdAt', m.created_at)
            order by m.position
          ) as messages
          from source join messages m on m.conversation_id = source.id
          where m.content <> ''
        )
        insert into shared_conversations as s
          (share_id, conversation_id, title, messages, created_at, expires_at)
        select share.id, source.id, source.title, coalesce(copy.messages, '[]'),
          ${share.createdAt}::timestamptz, ${share.expiresAt}::timestamptz
        from source, share, copy
        returning ${columns}`.pipe(findOne(Share))

    /** Lists the actor's shares, newest first. */
    const list = (actor: Actor) =>
      sql`
        select ${columns} from shared_conversations s join conversations c on c.id = s.conversation_id
        where c.user_id = ${actor.userId} order by s.created_at desc, s.share_id`.pipe(findAll(Share))

    const find = (id: ShareId) =>
      sql`
        select shares.id, s.share_id is not null as exists, s.title, s.messages,
          s.created_at as "sharedAt", s.expires_at as "expiresAt"
        from shares left join shared_conversations s on s.share_id = shares.id
        where shares.id = ${shareIdOrNull(id)}`.pipe(findOne(ReadRow))

    /** Finds a share and, if it is the actor's, its conversation; a copy that was deleted is nobody's. */
    const findOwned = (actor: Actor, id: ShareId) =>
      sql`
        select s.share_id is not null as exists, c.id as "conversationId"
        from shares left join shared_conversations s on s.share_id = shares.id
        left join conversations c on c.id = s.conversation_id and c.user_id = ${actor.userId}
        where shares.id = ${shareIdOrNull(id)}`.pipe(findOne(OwnershipRow))

    /** Deletes the copy of one of the actor's shares. Returns false if there is none. */
    const remove = (actor: Actor, id: ShareId) =>
      sql`
        delete from shared_conversations s using conversations c
        where s.share_id = ${shareIdOrNull(id)} and c.id = s.conversation_id and c.user_id = ${actor.userId}
        returning s.share_id`.pipe(hasRow)

    return { insert, list, find, findOwned, remove }
  }),
}) {}
