import { Schema } from "effect"
import { StoredTime } from "../../shared/Rows"
import { ChannelId, ChannelType } from "../Channels/Model"
import { PostId } from "../Posts/Model"

/** How many messages are counted as unread at most, so that a channel costs the same however much was written. */
export const MAX_UNREAD = 100

/** Up to where a user has read a channel's list, and what others have written there since. */
export const ReadMarker = Schema.Struct({
  /** The channel's id. */
  id: ChannelId,
  type: ChannelType,
  /** The last post that was read, which may be deleted by now. Null if the user has read none. */
  postId: Schema.NullOr(PostId),
  readAt: Schema.NullOr(StoredTime),
  /** How many of the first `MAX_UNREAD` posts after it are others'. */
  unreadCount: Schema.Int,
})
export type ReadMarker = typeof ReadMarker.Type
