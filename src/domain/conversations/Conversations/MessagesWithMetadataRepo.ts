import { SqlClient } from "@effect/sql"
import { Effect, Option } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit, PageResult } from "../../shared/Page"
import { findOne } from "../../shared/Rows"
import { messageColumns } from "./MessagesRepo"
import {
  type AnswerMetadata,
  type ArenaSessionId,
  type ConversationId,
  Message,
  type MessageId,
  type MessageWithMetadata,
} from "./Model"
import { ownedBy, readableBy } from "./Policy"

type Row = Omit<MessageWithMetadata, "metadata"> & {
  readonly [Key in keyof AnswerMetadata]: AnswerMetadata[Key] | null
} & { readonly total: number }

const toMessageWithMetadata = (row: Row): MessageWithMetadata => {
  const { total: _, model, promptTokens, completionTokens, milliseconds, costUsd, ...message } = row
  const metadata =
    model === null || promptTokens === null || completionTokens === null || milliseconds === null
      ? null
      : { model, promptTokens, completionTokens, milliseconds, costUsd }
  return { ...message, metadata }
}

/**
 * Reads messages with their attachments, edits and generation metadata. Rows are not decoded: that would
 * take 2 ms for a page of 1,000 messages; a test compares them with the model.
 */
export class MessagesWithMetadataRepo extends Effect.Service<MessagesWithMetadataRepo>()(
  "MessagesWithMetadataRepo",
  {
    effect: Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient

      const columns = sql.literal(`
      ${messageColumns}, m.attachments, m.edit_history as "editHistory", g.model, u.prompt_tokens as "promptTokens",
      u.completion_tokens as "completionTokens", u.cost_usd as "costUsd",
      (extract(epoch from g.ended_at - g.started_at) * 1000)::int as milliseconds`)

      /** Joins the finished generation and the ledger entry of an answer `m`. */
      const metadata = sql`
      left join generations g on g.answer_id = m.id and g.ended_at is not null
      left join usage_entries u on u.id = g.id`

      /** Reads a range by position: positions are contiguous, so nothing has to be counted or skipped. */
      const page = (actor: Actor, id: ConversationId, { offset, limit }: OffsetLimit) =>
        sql<Row>`
        select c.message_count as total, ${columns}
        from conversations c
        left join messages m on m.conversation_id = c.id
          and m.position >= ${offset}::bigint and m.position < ${offset + limit}::bigint
        ${metadata}
        where c.id = ${uuidOrNull(id)} and ${readableBy(sql, actor)}
        order by m.position`.pipe(
          Effect.map((rows): Option.Option<PageResult<MessageWithMetadata>> => {
            const total = rows[0]?.total
            if (total === undefined) return Option.none()
            return Option.some({
              total,
              items: rows.filter(({ id }) => id !== null).map(toMessageWithMetadata),
            })
          }),
          Effect.orDie,
        )

      /** Lists all messages of the conversations, without checking ownership. */
      const listByConversations = (ids: ReadonlyArray<ConversationId>) =>
        sql<Row>`
        select 0 as total, ${columns} from messages m ${metadata}
        where m.conversation_id = any(${ids}::uuid[])
        order by m.conversation_id, m.position`.pipe(
          Effect.map((rows) => rows.map(toMessageWithMetadata)),
          Effect.orDie,
        )

      /** Lists the messages of an arena session's lanes, ordered by lane and position. */
      const listByArena = (actor: Actor, arena: ArenaSessionId) =>
        sql<Row>`
        select 0 as total, ${columns}
        from conversations c join messages m on m.conversation_id = c.id
        ${metadata}
        where ${ownedBy(sql, actor, arena)}
        order by c.lane, m.position`.pipe(
          Effect.map((rows) => rows.map(toMessageWithMetadata)),
          Effect.orDie,
        )

      const find = (actor: Actor, id: MessageId, arena?: ArenaSessionId) =>
        sql<Row>`
        select 1 as total, ${columns}
        from messages m join conversations c on c.id = m.conversation_id
        ${metadata}
        where m.id = ${uuidOrNull(id)} and ${ownedBy(sql, actor, arena)}`.pipe(
          Effect.map((rows) => Option.map(Option.fromNullable(rows[0]), toMessageWithMetadata)),
          Effect.orDie,
        )

      /** Finds the last prompt before an answer. */
      const promptOf = (actor: Actor, id: MessageId) =>
        sql`
        select p.id
        from messages m
        join conversations c on c.id = m.conversation_id
        join messages p on p.conversation_id = c.id and p.position < m.position and p.role = 'user'
        where m.id = ${uuidOrNull(id)} and ${ownedBy(sql, actor)}
        order by p.position desc limit 1`.pipe(
          findOne(Message.pick("id")),
          Effect.map((row) => Option.getOrUndefined(row)?.id),
        )

      return { page, listByConversations, listByArena, find, promptOf }
    }),
  },
) {}
