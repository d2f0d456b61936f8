import { SqlClient } from "@effect/sql"
import { Effect, Option } from "effect"
import type { Actor } from "../../kernel/Actor"
import { uuidOrNull } from "../../kernel/Ids"
import type { Conversation, ConversationId } from "./Model"
import { ownedBy } from "./Policy"

export class ConversationsRepo extends Effect.Service<ConversationsRepo>()("ConversationsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(`c.id, c.user_id as "userId", c.title, c.created_at as "createdAt"`)

    const first = (rows: ReadonlyArray<Conversation>) => Option.fromNullable(rows[0])

    /** Until the transaction ends, nobody else looks for this user's empty conversation. */
    const lockEmpty = (actor: Actor) =>
      sql`select pg_advisory_xact_lock(hashtextextended(${`empty conversation of ${actor.userId}`}, 0))`.pipe(
        Effect.orDie,
        Effect.asVoid,
      )

    const findEmpty = (actor: Actor) =>
      sql<Conversation>`
        select ${columns} from conversations c
        where ${ownedBy(sql, actor)} and c.message_count = 0 order by c.created_at limit 1`.pipe(
        Effect.map(first),
        Effect.orDie,
      )

    const insert = (conversation: Conversation) =>
      sql`
        insert into conversations (id, user_id, title, created_at)
        values (${conversation.id}, ${conversation.userId}, ${conversation.title}, ${conversation.createdAt})`.pipe(
        Effect.orDie,
        Effect.asVoid,
      )

    const list = (actor: Actor) =>
      sql<Conversation>`
        select ${columns} from conversations c
        where ${ownedBy(sql, actor)} order by c.created_at desc, c.id desc`.pipe(Effect.orDie)

    const find = (actor: Actor, id: ConversationId) =>
      sql<Conversation>`
        select ${columns} from conversations c
        where c.id = ${uuidOrNull(id)} and ${ownedBy(sql, actor)}`.pipe(Effect.map(first), Effect.orDie)

    return { lockEmpty, findEmpty, insert, list, find }
  }),
}) {}
