import { SqlClient } from "@effect/sql"
import { DateTime, Effect, Option, PubSub, Stream } from "effect"
import { FileNotFound } from "../files/Files/Errors"
import { Memberships } from "../identity/Memberships"
import { NotPermitted, ScopeNotFound } from "../identity/Memberships/Errors"
import type { Actor } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import { Node } from "../shared/Node"
import type { OffsetLimit } from "../shared/Page"
import { withTransaction } from "../shared/Transaction"
import { Channels } from "./Channels"
import { type ChannelId, type ChannelPermission, channelScope } from "./Channels/Model"
import { Outbox } from "./Outbox"
import { ClientIdTaken, PostNotFound, ReactionNotFound } from "./Posts/Errors"
import {
  type AnswerState,
  type NewAnswer,
  type NewPost,
  type Post,
  PostId,
  type SentPost,
  type VisiblePost,
} from "./Posts/Model"
import { PostsRepo } from "./Posts/Repo"

const sameFiles = ({ attachments }: Post, { attachments: files = [] }: NewPost) =>
  attachments.length === files.length &&
  attachments.every(({ id }, index) => id === files[index]?.toLowerCase())

/**
 * Manages the messages of channels and direct messages, their threads and the reactions to them. Who may do what
 * is up to the channel. Lock order: the scope, the channel's list, the first post of a thread, the post.
 */
export class Posts extends Effect.Service<Posts>()("Posts", {
  dependencies: [PostsRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* PostsRepo
    const channels = yield* Channels
    const memberships = yield* Memberships
    const outbox = yield* Outbox
    const ids = yield* IdGenerator
    const node = yield* Node
    const sent = yield* PubSub.unbounded<SentPost>()

    /** Requires permissions that the actor keeps until the transaction ends. */
    const authorize = Effect.fnUntraced(function* (
      actor: Actor,
      id: ChannelId,
      ...required: ReadonlyArray<ChannelPermission>
    ) {
      yield* memberships.lockShared(channelScope(id))
      return yield* channels.authorize(actor, id, "read", ...required)
    })

    /** Finds a post, which may be a tombstone, in a channel that the actor may read. */
    const locate = Effect.fnUntraced(
      function* (actor: Actor, id: PostId, ...required: ReadonlyArray<ChannelPermission>) {
        const place = yield* Effect.mapError(Effect.flatten(repo.findPlace(id)), () => new PostNotFound())
        yield* channels.authorize(actor, place.channelId, "read", ...required)
        return place
      },
      Effect.catchTag("ScopeNotFound", () => new PostNotFound()),
    )

    /** Like `locate`, but for a change: the post must not be deleted, and stays locked until the transaction ends. */
    const lockPost = Effect.fnUntraced(
      function* (actor: Actor, id: PostId, ...required: ReadonlyArray<ChannelPermission>) {
        const { channelId, ...place } = yield* locate(actor, id)
        yield* authorize(actor, channelId, ...required)
        if (!(yield* repo.lock(place.id))) return yield* new PostNotFound()
        return { ...place, channelId }
      },
      Effect.catchTag("ScopeNotFound", () => new PostNotFound()),
    )

    const see = (actor: Actor, id: PostId) =>
      Effect.mapError(Effect.flatten(repo.findVisible(actor, id)), () => new PostNotFound())

    /** Lists the messages of a channel outside of threads, newest first. Requires `read`. */
    const list = Effect.fn("Posts.list")(function* (actor: Actor, channelId: ChannelId, range: OffsetLimit) {
      const { id } = yield* channels.authorize(actor, channelId, "read")
      return yield* repo.list(actor, id, range)
    })

    /** Returns what the author has sent already with the same key. Rejects another message with that key. */
    const findSent = Effect.fnUntraced(function* (
      actor: Actor,
      channelId: ChannelId,
      threadId: PostId | null,
      input: NewPost,
    ) {
      if (input.clientId === undefined) return undefined
      const sent = yield* repo.findByClientId(actor.userId, channelId, input.clientId)
      if (Option.isNone(sent)) return undefined
      const post = yield* Effect.orDie(see(actor, sent.value.id))
      const isSame = post.content === input.content && post.threadId === threadId && sameFiles(post, input)
      return isSame ? post : yield* new ClientIdTaken()
    })

    /** Inserts a post in the list of a channel or in a thread, with its event. */
    const insert = Effect.fnUntraced(function* (
      actor: Actor,
      channel: ChannelId,
      threadId: PostId | null,
      input: NewPost,
    ) {
      const { attachments = [], clientId = null, content } = input
      const { id: channelId } = yield* authorize(
        actor,
        channel,
        "send_messages",
        ...(attachments.length === 0 ? [] : (["attach_files"] as const)),
      )
      if (clientId !== null) {
        yield* repo.lockList(channelId)
        const earlier = yield* findSent(actor, channelId, threadId, input)
        if (earlier !== undefined) return { post: earlier, isNew: false }
      }
      const createdAt = yield* DateTime.nowAsDate
      const id = PostId.make(yield* ids.generate)
      // What may mention an assistant is this node's to answer, until it has.
      const mentionOwner = content.includes("@") ? node.id : null
      const row = {
        id,
        channelId,
        threadId,
        authorId: actor.userId,
        content,
        clientId,
        createdAt,
        mentionOwner,
      }
      const { threadReplyCount: replyCount, ...inserted } = yield* Effect.mapError(
        repo.insert(row),
        () => new PostNotFound(),
      )
      if (attachments.length > 0 && (yield* repo.attach(id, actor.userId, attachments)) < attachments.length)
        return yield* new FileNotFound()
      const post = attachments.length === 0 ? inserted : yield* repo.find(id)
      yield* outbox.append(
        { scopeId: channelId },
        replyCount === null ? { type: "message_created", post } : { type: "thread_reply", post, replyCount },
      )
      const created: VisiblePost = { ...post, reactions: [] }
      return { post: created, isNew: true }
    }, transaction)

    /** Publishes a new post. What stores it must not be interrupted before: nobody would look for its mentions. */
    const publish =
      (actor: Actor) =>
      ({ post, isNew }: { readonly post: VisiblePost; readonly isNew: boolean }) =>
        isNew ? Effect.asVoid(PubSub.publish(sent, { actor, post })) : Effect.void

    /**
     * Sends a message to a channel. Idempotent by `clientId`: the author's same message is stored once, and
     * another one with that key is rejected. Requires `send_messages`, and `attach_files` for files.
     */
    const send = Effect.fn("Posts.send")((actor: Actor, channelId: ChannelId, input: NewPost) =>
      // Only the channel itself can be missing, not a thread.
      insert(actor, channelId, null, input).pipe(
        Effect.tap(publish(actor)),
        Effect.uninterruptible,
        Effect.catchTag("PostNotFound", () => new ScopeNotFound({ kind: "channel" })),
      ),
    )

    /** Replies to a message; a reply to a reply joins the same thread. Idempotent and permitted as `send` is. */
    const reply = Effect.fn("Posts.reply")(function* (actor: Actor, id: PostId, input: NewPost) {
      const { channelId, threadId, ...place } = yield* locate(actor, id)
      return yield* insert(actor, channelId, threadId ?? place.id, input).pipe(
        Effect.tap(publish(actor)),
        Effect.uninterruptible,
        Effect.catchTag("ScopeNotFound", () => new PostNotFound()),
      )
    })

    /** Streams what users of this node send from now on. Answers of assistants are not among it. */
    const newPosts = Stream.fromPubSub(sent, { scoped: true })

    /**
     * Puts an assistant's answer into the thread of a message, on behalf of the actor, who asked for it. Can be part
     * of the caller's transaction. Requires `send_messages`.
     */
    const insertAnswer = Effect.fn("Posts.insertAnswer")(
      function* (actor: Actor, { id: askedId, channelId, threadId }: Post, answer: NewAnswer) {
        yield* authorize(actor, channelId, "send_messages")
        const createdAt = yield* DateTime.nowAsDate
        const id = PostId.make(yield* ids.generate)
        const { content } = answer
        const row = { id, channelId, threadId: threadId ?? askedId, authorId: null, content, clientId: null }
        const inserted = repo.insert({ ...row, createdAt, answer })
        const { threadReplyCount, ...post } = yield* Effect.mapError(inserted, () => new PostNotFound())
        yield* outbox.append(
          { scopeId: channelId },
          { type: "thread_reply", post, replyCount: threadReplyCount ?? 0 },
        )
      },
      Effect.catchTag("ScopeNotFound", () => new PostNotFound()),
      transaction,
    )

    /** Updates the text and the state of an answer that is not final yet. Does nothing if it is, or is gone. */
    const updateAnswer = Effect.fn("Posts.updateAnswer")(function* (
      id: PostId,
      content: string,
      state: AnswerState,
    ) {
      if (!(yield* repo.updateAnswer(id, content, state))) return
      const post = yield* repo.find(id)
      yield* outbox.append({ scopeId: post.channelId }, { type: "message_updated", post })
    }, transaction)

    /** Returns a message, which may be a tombstone. Requires `read`. */
    const get = Effect.fn("Posts.get")(function* (actor: Actor, id: PostId) {
      const place = yield* locate(actor, id)
      return yield* see(actor, place.id)
    })

    /** Returns the first message of the thread that a message is in, and a range of its replies, oldest first. */
    const thread = Effect.fn("Posts.thread")(function* (actor: Actor, id: PostId, range: OffsetLimit) {
      const { threadId, channelId, ...place } = yield* locate(actor, id)
      const parent = yield* see(actor, threadId ?? place.id)
      const replies = yield* repo.listReplies(actor, { id: parent.id, channelId }, range)
      return { parent, replies }
    })

    /** Changes the text of one of the actor's own messages. Requires `send_messages`. */
    const edit = Effect.fn("Posts.edit")(function* (actor: Actor, id: PostId, content: string) {
      const place = yield* lockPost(actor, id, "send_messages")
      const { author } = yield* repo.find(place.id)
      if (author?.id !== actor.userId) return yield* new NotPermitted()
      yield* repo.updateContent(place.id, content, yield* DateTime.nowAsDate)
      const post = yield* repo.find(place.id)
      const edited = yield* see(actor, place.id)
      yield* outbox.append({ scopeId: place.channelId }, { type: "message_updated", post })
      return edited
    }, transaction)

    /**
     * Deletes a message. One with replies becomes a tombstone, which goes with its last reply. The author may,
     * and users with `manage_messages`.
     */
    const deletePost = Effect.fn("Posts.delete")(
      function* (actor: Actor, id: PostId) {
        const { channelId, threadId, ...place } = yield* locate(actor, id)
        yield* memberships.lockShared(channelScope(channelId))
        yield* repo.lockList(channelId)
        if (threadId !== null) yield* repo.lock(threadId)
        if (!(yield* repo.lock(place.id))) return yield* new PostNotFound()
        const { author, replyCount } = yield* repo.find(place.id)
        if (author?.id !== actor.userId)
          yield* channels.authorize(actor, channelId, "read", "manage_messages")
        const event = { type: "message_deleted", channelId, postId: place.id, threadId } as const
        if (threadId === null) {
          yield* replyCount > 0
            ? repo.makeTombstone(place.id, yield* DateTime.nowAsDate)
            : repo.removeFromList(channelId, place.id)
          return yield* outbox.append({ scopeId: channelId }, { ...event, replyCount: null })
        }
        const left = yield* repo.removeReply(threadId, place.id)
        const isThreadGone = left.isTombstone && left.replyCount === 0
        if (isThreadGone) yield* repo.removeFromList(channelId, threadId)
        yield* outbox.append({ scopeId: channelId }, { ...event, replyCount: left.replyCount })
        if (isThreadGone) {
          const gone = { ...event, postId: threadId, threadId: null, replyCount: null }
          yield* outbox.append({ scopeId: channelId }, gone)
        }
      },
      Effect.catchTag("ScopeNotFound", () => new PostNotFound()),
      transaction,
    )

    /** Adds the actor's reaction to a message. Idempotent: returns whether it is new. Requires `add_reactions`. */
    const addReaction = Effect.fn("Posts.addReaction")(function* (actor: Actor, id: PostId, emoji: string) {
      const { channelId, ...place } = yield* lockPost(actor, id, "add_reactions")
      const isNew = yield* repo.addReaction(place.id, emoji, actor.userId, yield* DateTime.nowAsDate)
      const count = yield* repo.countReactions(place.id, emoji)
      if (isNew) {
        const event = {
          type: "reaction_added",
          channelId,
          postId: place.id,
          emoji,
          userId: actor.userId,
          count,
        } as const
        yield* outbox.append({ scopeId: channelId }, event)
      }
      return { reaction: { emoji, count, isOwn: true }, isNew }
    }, transaction)

    /** Removes the actor's reaction to a message. Requires `read`. */
    const removeReaction = Effect.fn("Posts.removeReaction")(function* (
      actor: Actor,
      id: PostId,
      emoji: string,
    ) {
      const { channelId, ...place } = yield* lockPost(actor, id)
      if (!(yield* repo.removeReaction(place.id, emoji, actor.userId))) return yield* new ReactionNotFound()
      const count = yield* repo.countReactions(place.id, emoji)
      yield* outbox.append(
        { scopeId: channelId },
        { type: "reaction_removed", channelId, postId: place.id, emoji, userId: actor.userId, count },
      )
    }, transaction)

    return {
      list,
      send,
      reply,
      newPosts,
      insertAnswer,
      updateAnswer,
      get,
      thread,
      edit,
      delete: deletePost,
      addReaction,
      removeReaction,
    }
  }),
}) {}
