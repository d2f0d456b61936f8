import { Schema } from "effect"
import { MessageId } from "../../../domain/conversation/Conversations/Model"
import { Fields, optional } from "../../frame/Fields"
import { Sending } from "../Chat/Api"
import { ConversationBody, MessageBody, Metadata } from "../Conversations/Body"

const Answer = Schema.Struct({
  message_id: Schema.String.annotations({ description: "The answer's" }),
  conversation_id: Schema.String,
})

const Failure = {
  error: Schema.String.annotations({ description: "What went wrong, in a sentence" }),
  code: Schema.String.annotations({ description: "A constant for programs to tell failures apart by" }),
}

/** What this server says, each event with one object. */
const told = {
  authenticated: {
    description: "Said once after connecting: who the socket belongs to.",
    payload: Schema.Struct({ user_id: Schema.String }),
  },
  error: {
    description: "What a client sent could not be done. The socket lives on.",
    payload: Schema.Struct({
      message: Schema.String,
      code: Schema.String,
      event: Schema.String.annotations({ description: "The event that it is about" }),
      details: optional(Schema.Array(Schema.Struct({ field: Schema.String, message: Schema.String }))),
    }),
  },
  conversation_created: {
    description: "A new conversation was begun.",
    payload: Schema.Struct({ conversation: ConversationBody }),
  },
  message_saved: {
    description: "The user's message is kept.",
    payload: Schema.Struct({ message: MessageBody, conversation_id: Schema.String }),
  },
  message_start: {
    description: "An answer is being written. `generation_id` names its run at /api/generations.",
    payload: Schema.Struct({ ...Answer.fields, generation_id: Schema.String }),
  },
  message_chunk: {
    description: "A piece of an answer. Pieces come in order; `index` rises from each to the next.",
    payload: Schema.Struct({ ...Answer.fields, content: Schema.String, index: Schema.Int }),
  },
  message_complete: {
    description: "An answer is written: its whole text, and how it came to be.",
    payload: Schema.Struct({ ...Answer.fields, content: Schema.String, metadata: optional(Metadata) }),
  },
  message_error: {
    description: "An answer broke off. What was said before is kept.",
    payload: Schema.Struct({ ...Answer.fields, ...Failure }),
  },
  generation_stopped: {
    description: "An answer was stopped. What was said before is kept.",
    payload: Answer,
  },
  title_updated: {
    description: "The model found a title for a conversation.",
    payload: Schema.Struct({ title: Schema.String, conversation_id: Schema.String }),
  },
} as const

export type Told = typeof told

/** What a client may send, each event with one object, and a callback if it wants to hear how it went. */
export const heard = {
  send_message: {
    description:
      "Says something, in a conversation or as the first thing in a new one. The answer comes in `message_start`, `message_chunk` and `message_complete`, to all sockets of the user.",
    payload: Sending,
  },
  stop_generation: {
    description: "Stops the writing of an answer.",
    payload: Fields({ message_id: MessageId }),
  },
  regenerate_message: {
    description: "Has an answer written again.",
    payload: Fields({ message_id: MessageId }),
  },
  follow_message: {
    description:
      "For a client that lost its connection in mid-answer: tells this socket the answer's pieces after `index` number `after`, all of them if that is left out, and goes on to its end.",
    payload: Fields({ message_id: MessageId, after: optional(Schema.Int) }),
  },
} as const
