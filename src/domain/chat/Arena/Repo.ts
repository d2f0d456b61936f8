import { SqlClient } from "@effect/sql"
import { Effect, Option, Schema } from "effect"
import { AssistantId } from "../../assistants/Assistants/Model"
import { ArenaSessionId, ConversationId } from "../../conversations/Conversations/Model"
import { type Actor, UserId } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit, PageResult } from "../../shared/Page"
import { execute, findOne, findPage, hasRow } from "../../shared/Rows"
import type { ArenaSession } from "./Model"

const Row = Schema.Struct({
  id: ArenaSessionId,
  userId: UserId,
  title: Schema.String,
  hasTitle: Schema.Boolean,
  assistantIds: Schema.Array(AssistantId),
  conversationIds: Schema.Array(ConversationId),
  messageCount: Schema.Int,
  lastMessageAt: Schema.NullOr(Schema.DateFromSelf),
  createdAt: Schema.DateFromSelf,
})

const toSession = ({ assistantIds, conversationIds, ...session }: typeof Row.Type): ArenaSession => ({
  ...session,
  lanes: conversationIds.flatMap((conversationId, lane) => {
    const assistantId = assistantIds[lane]
    return assistantId === undefined ? [] : [{ assistantId, conversationId }]
  }),
})

export class ArenaRepo extends Effect.Service<ArenaRepo>()("ArenaRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const ownSession = (actor: Actor, id: ArenaSessionId) =>
      sql`s.id = ${uuidOrNull(id)} and s.user_id = ${actor.userId}`

    /** The columns of a session `s` joined with `lanes`. */
    const columns = sql.literal(`
      s.id, s.user_id as "userId", s.title, s.is_titled as "hasTitle", s.assistant_ids as "assistantIds",
      s.created_at as "createdAt", lanes."conversationIds", lanes."lastMessageAt",
      lanes.messages - s.duplicate_prompts as "messageCount"`)
    const lanes = sql.literal(`
      cross join lateral (
        select array_agg(c.id order by c.lane) as "conversationIds", sum(c.message_count)::int as messages,
          max(c.last_message_at) as "lastMessageAt"
        from conversations c where c.arena_session_id = s.id
      ) lanes`)

    const insert = ({ id, userId, title, hasTitle, lanes, createdAt }: ArenaSession) => {
      const assistantIds = lanes.map((lane) => lane.assistantId)
      return sql`
        with session as (
          insert into arena_sessions (id, user_id, title, is_titled, assistant_ids, created_at, active_at)
          values (${id}, ${userId}, ${title}, ${hasTitle}, ${assistantIds}::uuid[], ${createdAt}, ${createdAt})
          returning id, user_id, created_at
        )
        insert into conversations (id, user_id, title, assistant_id, arena_session_id, lane, created_at)
        select lane.id, session.user_id, '',
          (select a.id from assistants a where a.id = lane.assistant_id for key share),
          session.id, lane.number - 1, session.created_at
        from session cross join unnest(${lanes.map((lane) => lane.conversationId)}::uuid[], ${assistantIds}::uuid[])
          with ordinality as lane(id, assistant_id, number)`.pipe(execute)
    }

    /** Returns a page of the actor's sessions, most recently active first. */
    const page = (actor: Actor, { offset, limit }: OffsetLimit) =>
      sql`
        select (select count(*)::int from arena_sessions where user_id = ${actor.userId}) as total, page.*
        from (select) one_row left join (
          select ${columns}, s.active_at as "activeAt"
          from (
            select * from arena_sessions where user_id = ${actor.userId}
            order by active_at desc, id desc limit ${limit} offset ${offset}
          ) s ${lanes}
        ) page on true
        order by page."activeAt" desc, page.id desc`.pipe(
        findPage(Row),
        Effect.map(({ total, items }): PageResult<ArenaSession> => ({ total, items: items.map(toSession) })),
      )

    const find = (actor: Actor, id: ArenaSessionId) =>
      sql`select ${columns} from arena_sessions s ${lanes} where ${ownSession(actor, id)}`.pipe(
        findOne(Row),
        Effect.map(Option.map(toSession)),
      )

    /**
     * Locks a session and its lanes until the transaction ends. All lanes are locked before any tokens
     * are reserved, because finalizing a generation locks its lane before its usage account.
     */
    const lock = (actor: Actor, id: ArenaSessionId) =>
      sql`select from arena_sessions s where ${ownSession(actor, id)} for update`.pipe(
        Effect.zipRight(sql`
          select from conversations c
          where c.arena_session_id = ${uuidOrNull(id)} and c.user_id = ${actor.userId}
          order by c.lane for update`),
        execute,
      )

    /** Returns whether a generation is running in one of these lanes. */
    const isGenerating = (ids: ReadonlyArray<ConversationId>) =>
      sql`select from generations where conversation_id = any(${ids}::uuid[]) and state = 'running' limit 1`.pipe(
        hasRow,
      )

    /** Records that a prompt was sent to several lanes, and derives the title from it if there is none. */
    const recordPrompt = (id: ArenaSessionId, prompt: { lanes: number; title: string; timestamp: Date }) =>
      sql`
        update arena_sessions set duplicate_prompts = duplicate_prompts + ${prompt.lanes - 1}::int,
          title = case when is_titled then title else ${prompt.title} end, is_titled = true,
          active_at = ${prompt.timestamp}
        where id = ${id}`.pipe(execute)

    /** Deletes a session. Returns false if there was none. */
    const remove = (actor: Actor, id: ArenaSessionId) =>
      sql`delete from arena_sessions s where ${ownSession(actor, id)} returning s.id`.pipe(hasRow)

    return { insert, page, find, lock, isGenerating, recordPrompt, remove }
  }),
}) {}
