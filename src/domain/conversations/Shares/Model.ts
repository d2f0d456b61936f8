import { Schema } from "effect"
import { ConversationId, Message } from "../Conversations/Model"

/** A share's id: 128 random bits in base64url. Whoever knows it may read the share. */
export const ShareId = Schema.String.pipe(Schema.brand("ShareId"))
export type ShareId = typeof ShareId.Type

/** A share's id as it is stored: its hash, to find it by, and encrypted, for its owner to read again. */
export interface StoredShareId {
  readonly hash: Uint8Array
  readonly sealed: string
}

/** A public copy of a conversation, as its owner lists it. */
export const Share = Schema.Struct({
  id: ShareId,
  conversationId: ConversationId,
  /** The conversation's title when it was shared. */
  title: Schema.String,
  createdAt: Schema.DateFromSelf,
  /** From then on nobody can read it; null for never. */
  expiresAt: Schema.NullOr(Schema.DateFromSelf),
})
export type Share = typeof Share.Type

/** A message of a shared conversation, without anything about its owner. */
const SharedMessage = Schema.Struct({
  role: Message.fields.role,
  content: Schema.String,
  createdAt: Schema.Date,
})

/** A conversation as it was when it was shared, for everyone to read. Answers without text yet are left out. */
export const SharedConversation = Schema.Struct({
  id: ShareId,
  title: Schema.String,
  messages: Schema.Array(SharedMessage),
  sharedAt: Schema.DateFromSelf,
  expiresAt: Schema.NullOr(Schema.DateFromSelf),
})
export type SharedConversation = typeof SharedConversation.Type
