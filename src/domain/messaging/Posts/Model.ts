import { Schema } from "effect"
import { FileId } from "../../files/Files/Model"
import { type Actor, UserId } from "../../shared/Actor"
import { Uuid } from "../../shared/Ids"
import { StoredTime } from "../../shared/Rows"
import { isOneGrapheme, MultilineText, SingleLineText } from "../../shared/Text"
import { ChannelId } from "../Channels/Model"

/** A post's id: a UUID, version 7. */
export const PostId = Uuid.pipe(Schema.brand("PostId"))
export type PostId = typeof PostId.Type

/** A user, or an assistant, whose username is the one it is mentioned by. */
const Author = Schema.Struct({ id: UserId, username: Schema.String, name: Schema.String })

/** How far an assistant's answer is; all but `running` are final. */
export const AnswerState = Schema.Literal("running", "completed", "stopped", "failed", "interrupted")
export type AnswerState = typeof AnswerState.Type

const Answer = Schema.Struct({
  /** The generation that writes it; null if none could start. */
  id: Schema.NullOr(Uuid),
  state: AnswerState,
})

const Attachment = Schema.Struct({
  id: FileId,
  name: Schema.String,
  mediaType: Schema.String,
  /** In bytes. */
  size: Schema.Int,
})

/** A message in a channel, as everyone sees it. */
export const Post = Schema.Struct({
  id: PostId,
  channelId: ChannelId,
  /** The post whose thread it is in; null for one in the channel's list. */
  threadId: Schema.NullOr(PostId),
  /** Where it is in the channel's list or in its thread; rises from 1, with gaps. */
  position: Schema.Int,
  /** Null if the account or the assistant was deleted. */
  author: Schema.NullOr(Author),
  /** Empty for a tombstone, and for an answer that has no text yet. */
  content: Schema.String,
  /** The author's own key for it. */
  clientId: Schema.NullOr(Schema.String),
  attachments: Schema.Array(Attachment),
  replyCount: Schema.Int,
  /** Not null for the answer of an assistant. */
  generation: Schema.NullOr(Answer),
  createdAt: StoredTime,
  editedAt: Schema.NullOr(StoredTime),
  /** Not null for a tombstone: it was deleted, and stays while it has replies. */
  deletedAt: Schema.NullOr(StoredTime),
})
export type Post = typeof Post.Type

const Reaction = Schema.Struct({
  emoji: Schema.String,
  count: Schema.Int,
  /** Whether the user who sees it is among them. */
  isOwn: Schema.Boolean,
})

/** A post as one user sees it. */
export const VisiblePost = Schema.Struct({ ...Post.fields, reactions: Schema.Array(Reaction) })
export type VisiblePost = typeof VisiblePost.Type

/** Schemas of the fields that a user provides. */
export const PostFields = {
  content: MultilineText(1, 8000),
  clientId: SingleLineText(1, 100),
  attachments: Schema.Array(FileId).pipe(
    Schema.maxItems(10, { message: () => "must be at most 10 files" }),
    Schema.filter(
      (ids) => new Set(ids.map((id) => id.toLowerCase())).size === ids.length || "must name each file once",
    ),
  ),
  emoji: SingleLineText(1, 32).pipe(Schema.filter((text) => isOneGrapheme(text) || "must be one emoji")),
}

export interface NewPost {
  readonly content: string
  /** The author's own files. */
  readonly attachments?: ReadonlyArray<FileId>
  readonly clientId?: string
}

/** The answer of an assistant to a post. */
export interface NewAnswer {
  /** The id of the assistant. */
  readonly assistantId: string
  readonly generationId: string | null
  readonly state: AnswerState
  readonly content: string
}

/** A post that was sent, and by whom. */
export interface SentPost {
  readonly actor: Actor
  readonly post: VisiblePost
}
