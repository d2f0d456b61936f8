import { SqlClient } from "@effect/sql"
import { Effect, Option, Schema } from "effect"
import { ConversationId, MessageId } from "../../conversations/Conversations/Model"
import { ChannelId } from "../../messaging/Channels/Model"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import { execute, findAll, findColumn, findOne, hasRow } from "../../shared/Rows"
import { Generation, GenerationEvent, GenerationId } from "./Model"

const ChannelGeneration = Schema.Struct({ ...Generation.fields, channelId: ChannelId })

export const GenerationRef = Schema.Struct({ id: GenerationId })

/** A generation that is running in the database; an orphan when its node has died. */
const Orphan = Schema.Struct({
  id: GenerationId,
  model: Schema.String,
  answerId: MessageId,
  /** An estimate of the prompt's size, in tokens. */
  promptTokens: Schema.Int,
  /** The persisted part of the answer. */
  partialContent: Schema.String,
  /** The persisted part of the reasoning. */
  partialReasoning: Schema.String,
  /** The number of the last persisted event, or -1. */
  lastSeq: Schema.Int,
  stopRequested: Schema.Boolean,
  conversationId: ConversationId,
  promptId: MessageId,
  previousId: Schema.NullOr(MessageId),
  content: Schema.String,
  promptedAt: Schema.DateFromSelf,
  startedAt: Schema.DateFromSelf,
})
export type Orphan = typeof Orphan.Type

const ReasoningRow = Schema.Struct({ offset: Schema.Int, text: Schema.String })

/** Reads generations and their logs, and records stop requests. */
export class GenerationsRepo extends Effect.Service<GenerationsRepo>()("GenerationsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(
      `g.id, g.conversation_id as "conversationId", g.prompt_id as "promptId", g.answer_id as "answerId",
       g.model, g.state, g.started_at as "startedAt", g.ended_at as "endedAt"`,
    )

    const hasId = (id: GenerationId | MessageId) =>
      sql`(g.id = ${uuidOrNull(id)} or g.answer_id = ${uuidOrNull(id)})`

    /** Finds a generation of the actor's, who may stop it, by its id or by that of its answer. */
    const findOwn = (actor: Actor, id: GenerationId | MessageId) =>
      sql`select ${columns} from generations g where ${hasId(id)} and g.user_id = ${actor.userId}`.pipe(
        findOne(Generation),
      )

    /** Finds a generation that the actor may read: their own, or one in a chat of a project of theirs. */
    const findReadable = (actor: Actor, id: GenerationId | MessageId) =>
      sql`
        select ${columns} from generations g
        where ${hasId(id)} and (g.user_id = ${actor.userId} or exists (
          select from conversations c join memberships m on m.scope_id = c.project_id
          where c.id = g.conversation_id and m.user_id = ${actor.userId}))`.pipe(findOne(Generation))

    /** Finds a generation whose answer is in a channel, with that channel. */
    const findInChannel = (id: GenerationId) =>
      sql`
        select ${columns}, p.channel_id as "channelId" from generations g join posts p on p.generation_id = g.id
        where g.id = ${uuidOrNull(id)}`.pipe(findOne(ChannelGeneration))

    const isRunning = (id: GenerationId) =>
      sql`select from generations where id = ${id} and state = 'running'`.pipe(hasRow)

    /** Finds the latest generation in a conversation whose prompt has exactly this content. */
    const findByPrompt = (actor: Actor, conversationId: ConversationId, prompt: string) =>
      sql`
        select ${columns}
        from generations g join messages m on m.id = g.prompt_id
        where g.conversation_id = ${uuidOrNull(conversationId)} and g.user_id = ${actor.userId}
          and m.content = ${prompt}
        order by g.started_at desc limit 1`.pipe(findOne(Generation))

    /** Lists all running generations of the actor. */
    const listAllRunning = (actor: Actor) =>
      sql`select id from generations where user_id = ${actor.userId} and state = 'running'`.pipe(
        findAll(GenerationRef),
      )

    /** Lists the running generations of a conversation; with a message, those whose prompt or answer it is. */
    const listRunning = (actor: Actor, conversationId: ConversationId, messageId?: MessageId) =>
      sql`
        select g.id from generations g
        where g.conversation_id = ${uuidOrNull(conversationId)} and g.user_id = ${actor.userId}
          and g.state = 'running'
          and ${messageId === undefined ? sql`true` : sql`${uuidOrNull(messageId)} in (g.prompt_id, g.answer_id)`}`.pipe(
        findAll(GenerationRef),
      )

    /** Records a durable stop request. Idempotent. Returns false when the generation has ended already. */
    const requestStop = (id: GenerationId, now: Date) =>
      sql`
        update generations set stop_requested_at = coalesce(stop_requested_at, ${now})
        where id = ${id} and state = 'running' returning id`.pipe(hasRow)

    const lastEvent = sql.literal(`
      coalesce((select l.first_seq + json_array_length(l.events) - 1 from generation_log l
       where l.generation_id = g.id order by l.first_seq desc limit 1), -1) as "lastSeq"`)

    /** Returns the number of the last persisted event, or -1; undefined when the generation has ended or was deleted. */
    const lastSeq = (id: GenerationId) =>
      sql`select ${lastEvent} from generations g where g.id = ${id} and g.state = 'running'`.pipe(
        findOne(Orphan.pick("lastSeq")),
        Effect.map((row) => Option.getOrUndefined(row)?.lastSeq),
      )

    /** Returns a page of the persisted events after number `after`; empty when there are none (yet). */
    const read = (id: GenerationId, after: number) =>
      sql`
        select events from generation_log
        where generation_id = ${id} and first_seq >= coalesce(
          (select max(first_seq) from generation_log where generation_id = ${id} and first_seq <= ${after + 1}), 0)
        order by first_seq limit 8`.pipe(
        findAll(Schema.Struct({ events: Schema.Array(GenerationEvent) })),
        Effect.map((rows) => rows.flatMap(({ events }) => events).filter(({ seq }) => seq > after)),
      )

    /** Returns the persisted reasoning after so many UTF-16 code units; empty when there is none (yet). */
    const readReasoning = (id: GenerationId, offset: number) =>
      sql`
        select first_offset as "offset", text from generation_reasoning
        where generation_id = ${id} and first_offset >= coalesce((
          select max(first_offset) from generation_reasoning
          where generation_id = ${id} and first_offset <= ${offset}), 0)
        order by first_offset`.pipe(
        findAll(ReasoningRow),
        Effect.map((rows) =>
          rows
            .map(({ text }) => text)
            .join("")
            .slice(offset - (rows[0]?.offset ?? 0)),
        ),
      )

    /** Returns how many UTF-16 code units of reasoning are persisted. */
    const reasoningLength = (id: GenerationId) =>
      sql`
        select first_offset as "offset", text from generation_reasoning
        where generation_id = ${id} order by first_offset desc limit 1`.pipe(
        findAll(ReasoningRow),
        Effect.map(([last]) => (last === undefined ? 0 : last.offset + last.text.length)),
      )

    /** Returns whether a generation's log still exists. */
    const hasLog = (id: GenerationId) =>
      sql`select from generation_log where generation_id = ${id} limit 1`.pipe(hasRow)

    /** The nodes that own a running generation. */
    const runningOwners = sql`select distinct owner from generations where state = 'running'`.pipe(
      findColumn("owner", Schema.Int),
    )

    /** Lists the generations that a node has left running, or is still running. */
    const orphansOf = (owner: number) =>
      sql`
        select g.id, g.model, g.answer_id as "answerId", g.prompt_tokens as "promptTokens", m.content as "partialContent",
          coalesce((select string_agg(r.text, '' order by r.first_offset) from generation_reasoning r
            where r.generation_id = g.id), '') as "partialReasoning",
          g.stop_requested_at is not null as "stopRequested", ${lastEvent},
          g.conversation_id as "conversationId", p.id as "promptId", p.content, p.created_at as "promptedAt",
          g.started_at as "startedAt",
          (select b.id from messages b where b.conversation_id = p.conversation_id and b.position = p.position - 1)
            as "previousId"
        from generations g join messages m on m.id = g.answer_id join messages p on p.id = g.prompt_id
        where g.owner = ${owner} and g.state = 'running'`.pipe(findAll(Orphan))

    /** Deletes logs and reasoning of generations that ended before `before`; the messages stay. */
    const purgeLogs = (before: Date) =>
      sql`
        with reasoning as (
          delete from generation_reasoning r using generations g
          where g.id = r.generation_id and g.ended_at < ${before}
        )
        delete from generation_log l using generations g
        where g.id = l.generation_id and g.ended_at < ${before}`.pipe(execute)

    return {
      findOwn,
      findReadable,
      findInChannel,
      isRunning,
      findByPrompt,
      listRunning,
      listAllRunning,
      requestStop,
      lastSeq,
      read,
      readReasoning,
      reasoningLength,
      hasLog,
      runningOwners,
      orphansOf,
      purgeLogs,
    }
  }),
}) {}
