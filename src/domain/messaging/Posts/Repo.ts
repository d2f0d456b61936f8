import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import type { FileId } from "../../files/Files/Model"
import type { Actor, UserId } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit } from "../../shared/Page"
import { execute, findColumn, findOne, findPage, hasRow } from "../../shared/Rows"
import { ChannelId } from "../Channels/Model"
import { type AnswerState, type NewAnswer, Post, PostId, VisiblePost } from "./Model"

/** The columns of post `p`, as everyone sees it. */
const columns = `
  p.id, p.channel_id as "channelId", p.thread_id as "threadId", p.position,
  case when p.author_id is not null then (
    select jsonb_build_object('id', u.id, 'username', u.username, 'name', u.name) from users u where u.id = p.author_id)
  when p.assistant_id is not null then (
    select jsonb_build_object('id', a.id, 'username', assistant_username(a.name), 'name', a.name)
    from assistants a where a.id = p.assistant_id)
  end as author,
  case when p.answer_state is not null then
    jsonb_build_object('id', p.generation_id, 'state', p.answer_state) end as generation,
  p.content, p.client_id as "clientId",
  coalesce((
    select jsonb_agg(
      jsonb_build_object('id', f.id, 'name', f.name, 'mediaType', f.media_type, 'size', f.size) order by a.position)
    from post_files a join files f on f.id = a.file_id where a.post_id = p.id
  ), '[]') as attachments,
  p.reply_count as "replyCount", p.created_at as "createdAt", p.edited_at as "editedAt", p.deleted_at as "deletedAt"`

/** Where a post is, and whose it is. */
const PostPlace = Schema.Struct({
  id: PostId,
  channelId: ChannelId,
  threadId: Schema.NullOr(PostId),
  isDeleted: Schema.Boolean,
})

/** What is inserted. */
interface PostRow {
  readonly id: PostId
  readonly channelId: ChannelId
  readonly threadId: PostId | null
  readonly authorId: UserId | null
  readonly content: string
  readonly clientId: string | null
  readonly createdAt: Date
  readonly answer?: NewAnswer
  /** The node that looks for mentions in it. */
  readonly mentionOwner?: number | null
}

/** A new post, and how many replies its thread has with it; null outside of threads. */
const InsertedPost = Schema.Struct({ ...Post.fields, threadReplyCount: Schema.NullOr(Schema.Int) })

export class PostsRepo extends Effect.Service<PostsRepo>()("PostsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const postColumns = sql.literal(columns)

    /** The reactions to post `p`, in the order in which their emoji were first used. */
    const reactions = ({ userId }: Actor) => sql`
      coalesce((
        select jsonb_agg(
          jsonb_build_object('emoji', r.emoji, 'count', r.count, 'isOwn', r.is_own) order by r.first, r.emoji)
        from (
          select emoji, count(*) as count, bool_or(user_id = ${userId}) as is_own, min(created_at) as first
          from reactions where post_id = p.id group by emoji
        ) r
      ), '[]') as reactions`

    /** Finds a post, which may be a tombstone, as everyone sees it. */
    const find = (id: PostId) =>
      sql`select ${postColumns} from posts p where p.id = ${id}`.pipe(
        findOne(Post),
        Effect.flatten,
        Effect.orDie,
      )

    const findVisible = (actor: Actor, id: PostId) =>
      sql`select ${postColumns}, ${reactions(actor)} from posts p where p.id = ${id}`.pipe(
        findOne(VisiblePost),
      )

    const findPlace = (id: PostId) =>
      sql`
        select id, channel_id as "channelId", thread_id as "threadId", deleted_at is not null as "isDeleted"
        from posts where id = ${uuidOrNull(id)}`.pipe(findOne(PostPlace))

    /**
     * Lists a channel's posts outside of threads, newest first. The post that follows `offset` others is at
     * the last position minus `offset`, and minus the gaps that lie above it.
     */
    const list = (actor: Actor, channel: ChannelId, { limit, offset }: OffsetLimit) => {
      const gapsAbove =
        offset === 0
          ? sql`0`
          : sql`(
              select count(*)::int
              from (
                select position, row_number() over (order by position desc) as n from post_gaps
                where channel_id = ${channel}
              ) gap
              where c.last_position - gap.position - (gap.n - 1) <= ${offset})`
      return sql`
        select c.post_count as total, page.*
        from channels c left join lateral (
          select ${postColumns}, ${reactions(actor)} from posts p
          where p.channel_id = c.id and p.thread_id is null and p.position <= c.last_position - ${offset}::int - ${gapsAbove}
          order by p.thread_id desc, p.position desc limit ${limit} -- the index's order, which null alone is not
        ) page on true
        where c.id = ${channel}
        order by page.position desc`.pipe(findPage(VisiblePost))
    }

    /** Lists the replies in a thread, oldest first. */
    const listReplies = (
      actor: Actor,
      root: { readonly id: PostId; readonly channelId: ChannelId },
      { limit, offset }: OffsetLimit,
    ) =>
      sql`
        select t.reply_count as total, page.*
        from posts t left join lateral (
          select ${postColumns}, ${reactions(actor)} from posts p
          where p.channel_id = t.channel_id and p.thread_id = t.id
          order by p.position limit ${limit} offset ${offset}
        ) page on true
        where t.id = ${root.id}
        order by page.position`.pipe(findPage(VisiblePost))

    /** Locks a channel's list until the transaction ends. */
    const lockList = (channel: ChannelId) =>
      sql`select id from channels where id = ${channel} for no key update`.pipe(execute)

    /** Takes the next position in the channel's list, which stays locked until the transaction ends. */
    const takeListPosition = ({ channelId, createdAt }: PostRow) => sql`
      update channels
      set post_count = post_count + 1, last_position = last_position + 1, active_at = ${createdAt}
      where id = ${channelId} returning last_position as position, null::int as reply_count`

    /** Takes the next position in a thread, which stays locked, with the number of its replies then. */
    const takeReplyPosition = (root: PostId) => sql`
      update posts set reply_count = reply_count + 1, last_reply_position = last_reply_position + 1
      where id = ${root} and thread_id is null
      returning last_reply_position as position, reply_count`

    /** Inserts a post at the end of its list, and returns it as everyone sees it; fails without the list. */
    const insert = (row: PostRow) =>
      sql`
        with place as (${row.threadId === null ? takeListPosition(row) : takeReplyPosition(row.threadId)}),
        inserted as (
          insert into posts
            (id, channel_id, thread_id, position, author_id, content, client_id, created_at,
             mention_owner, assistant_id, generation_id, answer_state)
          select ${row.id}::uuid, ${row.channelId}::uuid, ${row.threadId}::uuid, position, ${row.authorId}::uuid,
            ${row.content}, ${row.clientId}::text, ${row.createdAt}::timestamptz,
            ${row.mentionOwner ?? null}::bigint,
            (select a.id from assistants a where a.id = ${row.answer?.assistantId ?? null}::uuid for key share),
            ${row.answer?.generationId ?? null}::uuid, ${row.answer?.state ?? null}::text
          from place
          returning *
        )
        select ${postColumns}, place.reply_count as "threadReplyCount" from inserted p, place`.pipe(
        findOne(InsertedPost),
        Effect.flatten,
      )

    /** Finds what the author has sent to the channel with their key. */
    const findByClientId = (authorId: UserId, channel: ChannelId, clientId: string) =>
      sql`
        select p.id, p.channel_id as "channelId", p.thread_id as "threadId", p.deleted_at is not null as "isDeleted"
        from posts p where p.author_id = ${authorId} and p.channel_id = ${channel} and p.client_id = ${clientId}`.pipe(
        findOne(PostPlace),
      )

    /** Attaches those of the files that are the user's, in this order. Returns how many there were. */
    const attach = (post: PostId, userId: UserId, files: ReadonlyArray<FileId>) =>
      sql`
        with own as (
          select f.id from files f
          where f.id = any(${files.flatMap((id) => uuidOrNull(id) ?? [])}::uuid[]) and f.owner_id = ${userId}
          for key share
        )
        insert into post_files (post_id, file_id, position)
        select ${post}::uuid, id, array_position(${files.map((id) => uuidOrNull(id))}::uuid[], id) from own
        returning post_id`.pipe(
        findColumn("post_id", PostId),
        Effect.map(({ length }) => length),
      )

    /** Locks a post until the transaction ends. Returns false if it is deleted. */
    const lock = (id: PostId) =>
      sql`select id from posts where id = ${id} and deleted_at is null for no key update`.pipe(hasRow)

    const updateContent = (id: PostId, content: string, editedAt: Date | null) =>
      sql`
        update posts set content = ${content}, edited_at = coalesce(${editedAt}::timestamptz, edited_at)
        where id = ${id}`.pipe(execute)

    /** Updates an answer that is not final, if it differs. Returns false if not. */
    const updateAnswer = (id: PostId, content: string, state: AnswerState) =>
      sql`
        update posts set content = ${content}, answer_state = ${state}
        where id = ${id} and answer_state = 'running' and deleted_at is null
          and (content, answer_state) is distinct from (${content}, ${state})
        returning id`.pipe(hasRow)

    /** Makes a post a tombstone, which keeps its replies and nothing else. */
    const makeTombstone = (id: PostId, now: Date) =>
      Effect.gen(function* () {
        yield* sql`delete from post_files where post_id = ${id}`.pipe(execute)
        yield* sql`delete from reactions where post_id = ${id}`.pipe(execute)
        yield* sql`update posts set content = '', answer_state = null, deleted_at = ${now} where id = ${id}`.pipe(
          execute,
        )
      })

    /** Removes a post from its channel's list, which is locked. */
    const removeFromList = (channel: ChannelId, id: PostId) =>
      sql`
        with removed as (delete from posts where id = ${id} returning position), gap as (
          insert into post_gaps (channel_id, position) select ${channel}::uuid, position from removed
        )
        update channels set post_count = post_count - 1 where id = ${channel}`.pipe(execute)

    /** Removes a reply from its thread. Returns the number of replies left, and whether the first post is a tombstone. */
    const removeReply = (root: PostId, id: PostId) =>
      sql`
        with removed as (delete from posts where id = ${id})
        update posts set reply_count = reply_count - 1 where id = ${root}
        returning reply_count as "replyCount", deleted_at is not null as "isTombstone"`.pipe(
        findOne(Schema.Struct({ replyCount: Schema.Int, isTombstone: Schema.Boolean })),
        Effect.flatten,
        Effect.orDie,
      )

    /** Adds a reaction. Returns false if it is there already. */
    const addReaction = (id: PostId, emoji: string, userId: UserId, now: Date) =>
      sql`
        insert into reactions (post_id, emoji, user_id, created_at) values (${id}, ${emoji}, ${userId}, ${now})
        on conflict do nothing returning post_id`.pipe(hasRow)

    /** Removes a reaction. Returns false if it is not there. */
    const removeReaction = (id: PostId, emoji: string, userId: UserId) =>
      sql`
        delete from reactions where post_id = ${id} and emoji = ${emoji} and user_id = ${userId} returning post_id`.pipe(
        hasRow,
      )

    const countReactions = (id: PostId, emoji: string) =>
      sql`select count(*)::int as count from reactions where post_id = ${id} and emoji = ${emoji}`.pipe(
        findColumn("count", Schema.Int),
        Effect.map(([count = 0]) => count),
      )

    return {
      find,
      findVisible,
      findPlace,
      list,
      listReplies,
      lockList,
      insert,
      findByClientId,
      attach,
      lock,
      updateContent,
      updateAnswer,
      makeTombstone,
      removeFromList,
      removeReply,
      addReaction,
      removeReaction,
      countReactions,
    }
  }),
}) {}
