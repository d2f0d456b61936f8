import { Schema } from "effect"
import { UserId } from "../../shared/Actor"
import { ChannelId } from "../Channels/Model"

/** A conversation of a fixed set of people, which is a channel of type `direct`. */
export const DirectMessage = Schema.Struct({
  id: ChannelId,
  /** Those who still have accounts, in the order of their ids. */
  participants: Schema.Array(
    Schema.Struct({
      id: UserId,
      username: Schema.String,
      name: Schema.String,
      avatarUrl: Schema.NullOr(Schema.String),
    }),
  ),
  createdAt: Schema.DateFromSelf,
  /** The time of the last message, or of the creation. */
  activeAt: Schema.DateFromSelf,
})
export type DirectMessage = typeof DirectMessage.Type

/** The maximum number of other participants of a new conversation. */
export const MAX_PARTICIPANTS = 10
