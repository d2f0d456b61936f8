import { Schema } from "effect"
import { MessageId } from "../../../domain/conversations/Conversations/Model"
import { example } from "../../../http/Example"
import { Fields, optional } from "../../../http/Fields"
import { Metadata } from "../../../http/MessageFields"
import { SendMessageInput } from "../Chat/Endpoints"
import { ConversationBody, MessageBody } from "../Conversations/Body"
import {
  Ack,
  AnswerId,
  Chunk,
  ChunkIndex,
  Content,
  ConversationId,
  ErrorFields,
  GenerationId,
  NullableAnswerId,
} from "./PayloadFields"

const AnswerRef = Schema.Struct({ message_id: AnswerId, conversation_id: ConversationId })

const messageId = MessageId.annotations({
  description: "The answer's id",
  ...example("019bc0f1-2b49-7c3a-9d52-7b1f3c5d9e02"),
})

/** Events that the server emits, each with one object as its payload. */
export const serverEvents = {
  conversation_created: {
    description: "A new conversation was created.",
    payload: Schema.Struct({ conversation: ConversationBody }),
  },
  message_saved: {
    description: "The user's message was stored.",
    payload: Schema.Struct({ message: MessageBody, conversation_id: ConversationId }),
  },
  message_start: {
    description: "Generation of an answer has started.",
    payload: Schema.Struct({ ...AnswerRef.fields, generation_id: GenerationId }),
  },
  message_chunk: {
    description: "A chunk of an answer. Chunks arrive in order, with increasing `index`.",
    payload: Schema.Struct({ ...AnswerRef.fields, ...Chunk }),
  },
  message_complete: {
    description: "An answer is complete. Contains its full text and the metadata of its generation.",
    payload: Schema.Struct({ ...AnswerRef.fields, content: Content, metadata: optional(Metadata) }),
  },
  message_error: {
    description: "Generation of an answer failed. The text so far is stored.",
    payload: Schema.Struct({ ...AnswerRef.fields, ...ErrorFields }),
  },
  generation_stopped: {
    description: "Generation of an answer was stopped. The text so far is stored.",
    payload: AnswerRef,
  },
  title_updated: {
    description: "A conversation received a generated title.",
    payload: Schema.Struct({
      title: Schema.String.annotations(example("Travel plans")),
      conversation_id: ConversationId,
    }),
  },
} as const

/** Acknowledges a generation that was started or followed. */
const GenerationAck = Ack({
  conversation_id: ConversationId,
  message_id: NullableAnswerId,
  generation_id: GenerationId,
})

/** Events that clients emit, each with one object as its payload and an optional callback for the acknowledgement. */
export const clientEvents = {
  send_message: {
    description:
      "Sends a message to an existing or a new conversation. The answer is sent to all sockets of the user as `message_start`, `message_chunk` and `message_complete`.",
    payload: SendMessageInput,
    scope: "write",
    reply: GenerationAck,
  },
  stop_generation: {
    description: "Stops the generation of an answer.",
    payload: Fields({ message_id: messageId }),
    scope: "write",
    reply: Ack(AnswerRef.fields),
  },
  regenerate_message: {
    description:
      "Regenerates an answer as a new message, which is sent to all sockets of the user as `message_start`, `message_chunk` and `message_complete`.",
    payload: Fields({ message_id: messageId }),
    scope: "write",
    reply: GenerationAck,
  },
  follow_message: {
    description:
      "Resumes an answer after a lost connection. Sends this socket the answer's chunks whose `index` is greater than `after`, or all chunks without `after`, and continues to the end of the answer. Events to all sockets of the user still arrive; a chunk that arrives twice has the same `index`.",
    payload: Fields({ message_id: messageId, after: optional(ChunkIndex) }),
    scope: "read",
    reply: GenerationAck,
  },
} as const
