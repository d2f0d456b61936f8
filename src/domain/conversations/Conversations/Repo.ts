import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { type Actor, UserId } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import { execute, findAll, findColumn, findOne, hasRow } from "../../shared/Rows"
import { Conversation, type ConversationChange, type ConversationId } from "./Model"
import { ownedBy, readableBy } from "./Policy"

/** Selects conversation `c` as a `Conversation`. */
export const conversationColumns = `
  c.id, c.user_id as "userId", c.title, c.is_titled as "hasTitle", c.assistant_id as "assistantId", c.folder_id as "folderId",
  c.project_id as "projectId", c.tags, c.is_pinned as "isPinned", c.is_archived as "isArchived",
  c.favorited_at as "favoritedAt", c.message_count as "messageCount", c.last_message_at as "lastMessageAt",
  c.input_tokens as "inputTokens", c.output_tokens as "outputTokens", c.created_at as "createdAt",
  greatest(c.active_at, c.updated_at) as "updatedAt"`

export class ConversationsRepo extends Effect.Service<ConversationsRepo>()("ConversationsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const columns = sql.literal(conversationColumns)
    const matches = (actor: Actor, id: ConversationId) =>
      sql`c.id = ${uuidOrNull(id)} and ${ownedBy(sql, actor)}`

    /** Serializes access to the user's empty conversation until the transaction ends. */
    const lockEmptySlot = (actor: Actor) =>
      sql`select pg_advisory_xact_lock(hashtextextended(${`empty conversation of ${actor.userId}`}, 0))`.pipe(
        execute,
      )

    const findEmpty = (actor: Actor) =>
      sql`
        select ${columns} from conversations c
        where ${ownedBy(sql, actor)} and c.message_count = 0 and c.assistant_id is null and c.project_id is null
          and not c.is_archived
        order by c.created_at limit 1`.pipe(findOne(Conversation))

    const insert = (conversation: Conversation) =>
      sql`
        insert into conversations (id, user_id, title, is_titled, assistant_id, folder_id, project_id, created_at)
        values (${conversation.id}, ${conversation.userId}, ${conversation.title}, ${conversation.hasTitle},
          ${conversation.assistantId}, ${conversation.folderId}, ${conversation.projectId}, ${conversation.createdAt})`.pipe(
        execute,
      )

    const list = (actor: Actor) =>
      sql`
        select ${columns} from conversations c
        where ${ownedBy(sql, actor)} order by c.created_at desc, c.id desc`.pipe(findAll(Conversation))

    /** Finds a conversation that the actor may read. */
    const findReadable = (actor: Actor, id: ConversationId) =>
      sql`
        select ${columns} from conversations c
        where c.id = ${uuidOrNull(id)} and ${readableBy(sql, actor)}`.pipe(findOne(Conversation))

    const findOwn = (actor: Actor, id: ConversationId) =>
      sql`select ${columns} from conversations c where ${matches(actor, id)}`.pipe(findOne(Conversation))

    /** Updates the provided fields; with a title, none is generated any more. */
    const update = (actor: Actor, id: ConversationId, change: ConversationChange, now: Date) => {
      const { title, folderId, tags, isPinned, isArchived, assistantId } = change
      const isProvided = (value: unknown) => value !== undefined
      return sql`
        update conversations c set
          title = coalesce(${title ?? null}, title),
          is_titled = is_titled or ${isProvided(title)},
          folder_id = case when ${isProvided(folderId)} then ${folderId ?? null} else folder_id end,
          assistant_id = case when ${isProvided(assistantId)} then ${assistantId ?? null}::uuid else assistant_id end,
          tags = coalesce(${tags ?? null}::text[], tags),
          is_pinned = coalesce(${isPinned ?? null}, is_pinned),
          is_archived = coalesce(${isArchived ?? null}, is_archived),
          updated_at = case when ${Object.values(change).some(isProvided)} then ${now} else updated_at end
        where ${matches(actor, id)} returning ${columns}`.pipe(findOne(Conversation))
    }

    const toggleArchived = (actor: Actor, id: ConversationId) =>
      sql`
        update conversations c set is_archived = not is_archived
        where ${matches(actor, id)} returning ${columns}`.pipe(findOne(Conversation))

    /** Adds a conversation to the favorites at this time, unless it is one of them. */
    const addFavorite = (actor: Actor, id: ConversationId, now: Date) =>
      sql`
        update conversations c set favorited_at = coalesce(favorited_at, ${now})
        where ${matches(actor, id)} returning ${columns}`.pipe(findOne(Conversation))

    /** Removes a conversation from the favorites. Returns false if there is no such conversation. */
    const removeFavorite = (actor: Actor, id: ConversationId) =>
      sql`update conversations c set favorited_at = null where ${matches(actor, id)} returning c.id`.pipe(
        hasRow,
      )

    /** Removes a conversation from the history. Returns false if there is no such conversation. */
    const hide = (actor: Actor, id: ConversationId, now: Date) =>
      sql`update conversations c set hidden_at = ${now} where ${matches(actor, id)} returning c.id`.pipe(
        hasRow,
      )

    /** Removes all conversations from the history. Locks them by id, so that two calls never deadlock. */
    const hideAll = (actor: Actor, now: Date) =>
      sql`
        update conversations set hidden_at = ${now}
        where id in (
          select c.id from conversations c
          where ${ownedBy(sql, actor)} and c.hidden_at is null order by c.id for update)`.pipe(execute)

    /** Lists the members of the project that a conversation is in, for notifications. */
    const projectMemberIds = (id: ConversationId) =>
      sql`
        select m.user_id as "userId" from conversations c join memberships m on m.scope_id = c.project_id
        where c.id = ${id}`.pipe(findColumn("userId", UserId))

    /** Deletes a conversation and returns it; none if there was none. */
    const remove = (actor: Actor, id: ConversationId) =>
      sql`
        delete from conversations c where ${matches(actor, id)}
        returning c.id, c.project_id as "projectId"`.pipe(findOne(Conversation.pick("id", "projectId")))

    /** Deletes all conversations of a user, in the order of their ids, so that two calls never deadlock. */
    const removeAll = (userId: UserId) =>
      sql`
        delete from conversations
        where id in (select id from conversations where user_id = ${userId} order by id for update)`.pipe(
        execute,
      )

    /** Sets a generated title unless a title was chosen before. Returns whether it was set. */
    const setTitleIfUnset = (id: ConversationId, title: string) =>
      sql`
        update conversations set title = ${title}, is_titled = true
        where id = ${id} and not is_titled returning id`.pipe(hasRow)

    return {
      lockEmptySlot,
      findEmpty,
      insert,
      list,
      findReadable,
      findOwn,
      update,
      toggleArchived,
      addFavorite,
      removeFavorite,
      hide,
      hideAll,
      remove,
      removeAll,
      projectMemberIds,
      setTitleIfUnset,
    }
  }),
}) {}
