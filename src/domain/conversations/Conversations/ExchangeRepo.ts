import { SqlClient } from "@effect/sql"
import type { Fragment } from "@effect/sql/Statement"
import { Effect } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import { bytesPerToken, tokensPerAttachment, tokensPerTurn } from "../../shared/TokenEstimate"
import { type MessageId, type NewConversation, type Place, untitled } from "./Model"
import { ownedBy } from "./Policy"

/** How many messages are looked at for what a model may be told. */
const longestHistory = 200

interface NewAnswer {
  readonly place: Place
  readonly answerId: MessageId
  readonly now: Date
}

/**
 * The writing side of messages, in parts of the statement that begins a run and of the one that
 * ends it: a prompt with its answer, and the answer as it grows.
 */
export class ExchangeRepo extends Effect.Service<ExchangeRepo>()("ExchangeRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** An estimate of how many tokens something said is; in whole numbers, others take several times as long. */
    const tokensOf = (said: string) =>
      sql.literal(`((octet_length(${said}.content) + ${bytesPerToken - 1}) / ${bytesPerToken} + ${tokensPerTurn}
        + jsonb_array_length(${said}.attachments) * ${tokensPerAttachment})`)

    /**
     * The part `place`: the row of the conversation, locked, so that positions follow one another
     * and times rise whoever else is writing; with the prompt, and the position and the time that
     * it has there. None if it is not there or not the actor's.
     */
    const located = (actor: Actor, { place, now }: NewAnswer) => {
      const at = sql`greatest(${now}::timestamptz, c.last_message_at + interval '1 ms')`
      if (place._tag === "Again") {
        return sql`
          place as (
            select c.id, p.id as prompt_id, coalesce(${place.content ?? null}, p.content) as content,
              p.attachments, p.position, p.content as said, p.created_at as prompt_at, ${at} as answer_at,
              (select m.id from messages m where m.conversation_id = c.id and m.position = p.position - 1)
                as previous_id
            from conversations c join messages p on p.conversation_id = c.id
            where p.id = ${uuidOrNull(place.promptId)} and p.role = 'user' and ${ownedBy(sql, actor)}
            for update
          )`
      }
      const { id, content, attachments } = place.prompt
      const prompt = sql`${id}::uuid as prompt_id, ${content}::text as content,
        ${JSON.stringify(attachments)}::jsonb as attachments`
      if (place._tag === "New") {
        return sql`
          place as (
            select ${place.id}::uuid as id, ${prompt}, 0 as position, ${now}::timestamptz as prompt_at,
              ${now}::timestamptz + interval '1 ms' as answer_at, null::uuid as previous_id
          )`
      }
      return sql`
        place as (
          select c.id, ${prompt}, c.message_count as position, ${at} as prompt_at,
            ${at} + interval '1 ms' as answer_at, c.last_message_id as previous_id
          from conversations c
          where c.id = ${uuidOrNull(place.id)} and ${ownedBy(sql, actor, place.arena)}
          for update
        )`
    }

    /**
     * The part `history`: what was said before the part `place`, as much of its end as fits into
     * `budget` tokens beside the prompt, in `turns`, each an array of role, content and attachments,
     * and how many `tokens` that is with the prompt. Messages that say nothing are left out.
     */
    const history = (budget: number) => sql`
      history as (
        select (coalesce(sum(tokens), 0) + (select ${tokensOf("place")} from place))::int as tokens, coalesce(json_agg(json_build_array(
          role, content, attachments) order by position), '[]') as turns
        from (
          select *, sum(tokens) over (order by position desc) as total
          from (
            select m.role, m.content, m.attachments, m.position, ${tokensOf("m")} as tokens
            from place join messages m on m.conversation_id = place.id
              and m.position < place.position and m.position >= place.position - ${longestHistory}::int
            where m.content <> ''
          ) recent
        ) counted
        where total <= ${budget}::int - (select ${tokensOf("place")} from place)
      )`

    const opened = ({ title, assistantId, folderId }: NewConversation) => sql`
      conversation as (
        insert into conversations (id, user_id, title, is_titled, assistant_id, folder_id,
          message_count, last_message_id, last_message_at, created_at)
        select id, user_id, ${title ?? untitled}, ${title !== undefined}, (select a.id from assistants a where a.id = ${assistantId ?? null}::uuid for key share),
          ${folderId ?? null}, 2, answer_id, answer_at, prompt_at
        from given
      )`

    const continued = sql`
      conversation as (
        update conversations c
        set message_count = given.position + 2, last_message_id = given.answer_id,
          last_message_at = given.answer_at
        from given where c.id = given.id
      )`

    /** What a prompt said is kept, what followed it goes. */
    const reworded = sql`
      prompt as (
        update messages m set content = given.content, edit_history = m.edit_history ||
          jsonb_build_object('content', given.said, 'editedAt', ${isoTime(sql, "given.answer_at")})
        from given where m.id = given.prompt_id and given.content <> given.said
      ), removed as (
        delete from messages m using given
        where m.conversation_id = given.id and m.position > given.position returning m.id
      )`

    /** Not to be searched for yet: what is said goes into that index when the answer is first written down. */
    const said = sql`
      insert into messages
        (id, conversation_id, user_id, position, role, content, attachments, is_searchable, created_at)`
    const prompt = sql`
      select prompt_id, id, user_id, position, 'user', content, attachments, false, prompt_at from given`
    const answer = sql`
      select answer_id, id, user_id, position + 1, 'assistant', '', '[]'::jsonb, false, answer_at from given`

    /** The parts that write the prompt and an empty answer at a place, once per row of the part `given`. */
    const exchanged = ({ place }: NewAnswer) =>
      place._tag === "Again"
        ? sql`${continued}, ${reworded}, answer as (${said} ${answer})`
        : sql`
          ${place._tag === "New" ? opened(place.conversation) : continued},
          exchange as (${said} ${prompt} union all ${answer})`

    /** How many messages `exchanged` takes away. */
    const removed = ({ place }: NewAnswer) =>
      place._tag === "Again" ? sql`(select count(*)::int from removed)` : sql`0`

    /** The part `locked`: the conversation of a run, locked; none if it is gone. */
    const lockedFor = (runId: string) => sql`
      locked as (
        select c.id from conversations c join generations g on g.conversation_id = c.id
        where g.id = ${runId} for update of c
      )`

    /** The parts that add text to the end of an answer, which is written then, if `given` has the run. */
    const finished = (id: MessageId, text: string, given: Fragment) => sql`
      answer as (
        update messages set content = content || ${text}, is_searchable = true
        where id = ${id} and exists (select from ${given})
      ), prompt as (
        update messages m set is_searchable = true
        from (select * from ${given}) given where m.id = given.prompt_id and not m.is_searchable
      )`

    /** The part that adds what an answer took to its conversation, if `given` has a row. */
    const counted = (
      used: { readonly promptTokens: number; readonly completionTokens: number },
      given: Fragment,
    ) => sql`
      counted as (
        update conversations c
        set input_tokens = input_tokens + ${used.promptTokens}, output_tokens = output_tokens + ${used.completionTokens}
        from (select * from ${given}) given where c.id = given.conversation_id
      )`

    /** Adds text to the ends of answers, many in one statement. */
    const extend = (tails: ReadonlyArray<{ readonly id: MessageId; readonly text: string }>) =>
      tails.length === 0
        ? Effect.void
        : sql`
        update messages m set content = m.content || tail.text
        from unnest(${tails.map((tail) => tail.id)}::uuid[], ${tails.map((tail) => tail.text)}::text[])
          as tail(id, text)
        where m.id = tail.id`.pipe(Effect.orDie, Effect.asVoid)

    /** Lets prompts be found by their words; those that are being moved wait for the ending of their run. */
    const makeSearchable = (prompts: ReadonlyArray<MessageId>) =>
      prompts.length === 0
        ? Effect.void
        : sql`
        update messages set is_searchable = true where id in (
          select id from messages where id = any(${prompts}::uuid[]) and not is_searchable for update skip locked
        )`.pipe(Effect.orDie, Effect.asVoid)

    return {
      extend,
      makeSearchable,
      parts: { located, history, exchanged, removed, lockedFor, finished, counted },
    }
  }),
}) {}

/** A time as JavaScript writes it. */
const isoTime = (sql: SqlClient.SqlClient, time: string) =>
  sql.literal(`to_char((${time}) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`)
