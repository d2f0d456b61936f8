import { Schema } from "effect"
import { AssistantId } from "../../../domain/assistants/Assistants/Model"
import type { ArenaSession } from "../../../domain/chat/Arena/Model"
import { ArenaSessionId, MessageId } from "../../../domain/conversations/Conversations/Model"
import { UserId } from "../../../domain/shared/Actor"
import { example } from "../../../http/Example"
import { absentIfNull, encodeOnly, renamed } from "../../../http/Fields"
import { Metadata } from "../../../http/MessageFields"

export const sessionExample = {
  id: "019bc0f1-2bf5-7c3a-9d52-883550c84ccc",
  user_id: "019bc0f1-2b84-7c3a-9d52-1a1cb2025a45",
  config_ids: ["019bc0f1-2bef-7c3a-9d52-32410e6ea74c", "019bc0f1-2bf1-7c3a-9d52-c7d7ce90f48d"],
  title: "GPT vs Claude",
  message_count: 3,
  created_at: "2026-01-15T09:55:12.000Z",
}

const messageExample = {
  id: "019bc0f1-2bf9-7c3a-9d52-cfea55b7f9b9",
  session_id: sessionExample.id,
  role: "user",
  content: "What is quantum computing?",
  created_at: "2026-01-15T09:55:12.000Z",
}

/** The ids of the configs that answer in the lanes of a session. */
const ConfigIds = encodeOnly(Schema.Array(AssistantId), (lanes: ArenaSession["lanes"]) =>
  lanes.map(({ assistantId }) => assistantId),
)

export const ArenaSessionBody = Schema.Struct({
  id: ArenaSessionId,
  userId: renamed("user_id", UserId),
  lanes: renamed("config_ids", ConfigIds.annotations({ description: "In the order of the request" })),
  title: Schema.String,
  messageCount: renamed(
    "message_count",
    Schema.Int.annotations({ description: "Number of the user's messages and the answers to them" }),
  ),
  createdAt: renamed("created_at", Schema.Date),
}).annotations({ identifier: "ArenaSession", ...example(sessionExample) })

export const ArenaMessageBody = Schema.Struct({
  id: MessageId,
  sessionId: renamed("session_id", ArenaSessionId),
  role: Schema.Literal("user", "assistant"),
  assistantId: absentIfNull(AssistantId.annotations({ description: "The config that answered" })).pipe(
    Schema.fromKey("config_id"),
  ),
  content: Schema.String,
  metadata: absentIfNull(Metadata.annotations({ description: "Set on an answer once it is complete" })),
  createdAt: renamed("created_at", Schema.Date),
}).annotations({ identifier: "ArenaMessage", ...example(messageExample) })

/** Encodes a session for a Socket.IO event. */
export const encodeArenaSession = Schema.encodeSync(ArenaSessionBody)
/** Encodes a message for a Socket.IO event. */
export const encodeArenaMessage = Schema.encodeSync(ArenaMessageBody)
