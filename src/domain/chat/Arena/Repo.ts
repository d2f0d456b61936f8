import { SqlClient } from "@effect/sql"
import { Effect, Option } from "effect"
import type { AssistantId } from "../../assistants/Assistants/Model"
import type { ArenaSessionId, ConversationId } from "../../conversations/Conversations/Model"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import { type OffsetLimit, type PageResult, toPageResult } from "../../shared/Page"
import type { ArenaSession } from "./Model"

type Row = Omit<ArenaSession, "lanes"> & {
  readonly assistantIds: ReadonlyArray<AssistantId>
  readonly conversationIds: ReadonlyArray<ConversationId>
}

const toSession = ({ assistantIds, conversationIds, ...session }: Row): ArenaSession => ({
  ...session,
  lanes: conversationIds.flatMap((conversationId, lane) => {
    const assistantId = assistantIds[lane]
    return assistantId === undefined ? [] : [{ assistantId, conversationId }]
  }),
})

export class ArenaRepo extends Effect.Service<ArenaRepo>()("ArenaRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const first = (rows: ReadonlyArray<Row>) => Option.map(Option.fromNullable(rows[0]), toSession)
    const mine = (actor: Actor, id: ArenaSessionId) =>
      sql`s.id = ${uuidOrNull(id)} and s.user_id = ${actor.userId}`

    /** A session `s` as the model has it, with its `lanes`. */
    const columns = sql.literal(`
      s.id, s.user_id as "userId", s.title, s.is_titled as "isTitled", s.assistant_ids as "assistantIds",
      s.created_at as "createdAt", lanes."conversationIds", lanes."lastMessageAt",
      lanes.messages - s.repeated_prompts as "messageCount"`)
    const lanes = sql.literal(`
      cross join lateral (
        select array_agg(c.id order by c.lane) as "conversationIds", sum(c.message_count)::int as messages,
          max(c.last_message_at) as "lastMessageAt"
        from conversations c where c.arena_session_id = s.id
      ) lanes`)

    const insert = ({ id, userId, title, isTitled, lanes, createdAt }: ArenaSession) => {
      const assistantIds = lanes.map((lane) => lane.assistantId)
      return sql`
        with session as (
          insert into arena_sessions (id, user_id, title, is_titled, assistant_ids, created_at, active_at)
          values (${id}, ${userId}, ${title}, ${isTitled}, ${assistantIds}::uuid[], ${createdAt}, ${createdAt})
          returning id, user_id, created_at
        )
        insert into conversations (id, user_id, title, assistant_id, arena_session_id, lane, created_at)
        select lane.id, session.user_id, '',
          (select a.id from assistants a where a.id = lane.assistant_id for key share),
          session.id, lane.number - 1, session.created_at
        from session cross join unnest(${lanes.map((lane) => lane.conversationId)}::uuid[], ${assistantIds}::uuid[])
          with ordinality as lane(id, assistant_id, number)`.pipe(Effect.orDie, Effect.asVoid)
    }

    /** Those written to last, first. */
    const page = (actor: Actor, { offset, limit }: OffsetLimit) =>
      sql<Row & { readonly total: number; readonly activeAt: Date }>`
        select (select count(*)::int from arena_sessions where user_id = ${actor.userId}) as total, page.*
        from (select) always left join (
          select ${columns}, s.active_at as "activeAt"
          from (
            select * from arena_sessions where user_id = ${actor.userId}
            order by active_at desc, id desc limit ${limit} offset ${offset}
          ) s ${lanes}
        ) page on true
        order by page."activeAt" desc, page.id desc`.pipe(
        Effect.map(toPageResult),
        Effect.map(
          ({ total, items }): PageResult<ArenaSession> => ({
            total,
            items: items.map(({ activeAt: _, ...row }) => toSession(row)),
          }),
        ),
        Effect.orDie,
      )

    const find = (actor: Actor, id: ArenaSessionId) =>
      sql<Row>`select ${columns} from arena_sessions s ${lanes} where ${mine(actor, id)}`.pipe(
        Effect.map(first),
        Effect.orDie,
      )

    /**
     * Until the transaction ends, nobody else writes to the session or its lanes. The lanes are locked
     * all before anything is reserved, as a run that ends locks its lane before its account.
     */
    const lock = (actor: Actor, id: ArenaSessionId) =>
      sql`select from arena_sessions s where ${mine(actor, id)} for update`.pipe(
        Effect.zipRight(sql`
          select from conversations c
          where c.arena_session_id = ${uuidOrNull(id)} and c.user_id = ${actor.userId}
          order by c.lane for update`),
        Effect.orDie,
        Effect.asVoid,
      )

    /** Whether an answer is being written in one of these lanes. */
    const isAnswering = (ids: ReadonlyArray<ConversationId>) =>
      sql`select from generations where conversation_id = any(${ids}::uuid[]) and state = 'running' limit 1`.pipe(
        Effect.map((rows) => rows.length === 1),
        Effect.orDie,
      )

    /** Notes that a prompt went to so many lanes; it gives the title where there is none. */
    const prompted = (id: ArenaSessionId, prompt: { lanes: number; title: string; at: Date }) =>
      sql`
        update arena_sessions set repeated_prompts = repeated_prompts + ${prompt.lanes - 1}::int,
          title = case when is_titled then title else ${prompt.title} end, is_titled = true,
          active_at = ${prompt.at}
        where id = ${id}`.pipe(Effect.orDie, Effect.asVoid)

    /** False when there was none. */
    const remove = (actor: Actor, id: ArenaSessionId) =>
      sql`delete from arena_sessions s where ${mine(actor, id)} returning s.id`.pipe(
        Effect.map((rows) => rows.length === 1),
        Effect.orDie,
      )

    return { insert, page, find, lock, isAnswering, prompted, remove }
  }),
}) {}
