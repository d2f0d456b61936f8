import { Schema } from "effect"
import type { ArenaMessage, ArenaSession } from "../../../domain/chat/Arena/Model"
import { optional } from "../../../http/Fields"
import { Timestamp } from "../../../http/Params"
import { Metadata, toMetadata } from "../Conversations/Body"

export const ArenaSessionBody = Schema.Struct({
  id: Schema.String,
  user_id: Schema.String,
  config_ids: Schema.Array(Schema.String).annotations({ description: "In the order of the request" }),
  title: Schema.String,
  message_count: Schema.Int.annotations({
    description: "Number of the user's messages and the answers to them",
  }),
  created_at: Timestamp,
}).annotations({ identifier: "ArenaSession" })

export const toArenaSession = (session: ArenaSession): typeof ArenaSessionBody.Type => ({
  id: session.id,
  user_id: session.userId,
  config_ids: session.lanes.map(({ assistantId }) => assistantId),
  title: session.title,
  message_count: session.messageCount,
  created_at: session.createdAt.toISOString(),
})

export const ArenaMessageBody = Schema.Struct({
  id: Schema.String,
  session_id: Schema.String,
  role: Schema.Literal("user", "assistant"),
  config_id: optional(Schema.String).annotations({ description: "The config that answered" }),
  content: Schema.String,
  metadata: optional(Metadata).annotations({ description: "Set on an answer once it is complete" }),
  created_at: Timestamp,
}).annotations({ identifier: "ArenaMessage" })

export const toArenaMessage = (message: ArenaMessage): typeof ArenaMessageBody.Type => ({
  id: message.id,
  session_id: message.sessionId,
  role: message.role,
  ...(message.assistantId === null ? {} : { config_id: message.assistantId }),
  content: message.content,
  ...(message.metadata === null ? {} : { metadata: toMetadata(message.metadata) }),
  created_at: message.createdAt.toISOString(),
})
