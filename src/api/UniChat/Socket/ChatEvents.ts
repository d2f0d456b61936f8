import { Schema } from "effect"
import { MessageId } from "../../../domain/conversations/Conversations/Model"
import { Fields, optional } from "../../../http/Fields"
import { Sending } from "../Chat/Api"
import { ConversationBody, MessageBody, Metadata } from "../Conversations/Body"
import { Done, GenerationId, Index, Piece, Refusal } from "./Payload"

const Answer = Schema.Struct({
  message_id: Schema.String.annotations({ description: "The answer's" }),
  conversation_id: Schema.String,
})

/** What this server says, each event with one object. */
export const told = {
  conversation_created: {
    description: "A new conversation was begun.",
    payload: Schema.Struct({ conversation: ConversationBody }),
  },
  message_saved: {
    description: "The user's message is kept.",
    payload: Schema.Struct({ message: MessageBody, conversation_id: Schema.String }),
  },
  message_start: {
    description: "An answer is being written.",
    payload: Schema.Struct({ ...Answer.fields, generation_id: GenerationId }),
  },
  message_chunk: {
    description: "A piece of an answer. Pieces come in order; `index` rises from each to the next.",
    payload: Schema.Struct({ ...Answer.fields, ...Piece }),
  },
  message_complete: {
    description: "An answer is written: its whole text, and how it came to be.",
    payload: Schema.Struct({ ...Answer.fields, content: Schema.String, metadata: optional(Metadata) }),
  },
  message_error: {
    description: "An answer broke off. What was said before is kept.",
    payload: Schema.Struct({ ...Answer.fields, ...Refusal }),
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

/** An answer, and the run that writes it. */
const Begun = Done({
  conversation_id: Schema.String,
  message_id: Schema.NullOr(Schema.String).annotations({
    description: "The answer's; null: it ended before anything was said",
  }),
  generation_id: GenerationId,
})

/** What a client may send, each event with one object, and a callback if it wants to hear how it went. */
export const heard = {
  send_message: {
    description:
      "Says something, in a conversation or as the first thing in a new one. The answer comes in `message_start`, `message_chunk` and `message_complete`, to all sockets of the user.",
    payload: Sending,
    reply: Begun,
  },
  stop_generation: {
    description: "Stops the writing of an answer.",
    payload: Fields({ message_id: MessageId }),
    reply: Done(Answer.fields),
  },
  regenerate_message: {
    description:
      "Has an answer written again, in a new message. It comes in `message_start`, `message_chunk` and `message_complete`, to all sockets of the user.",
    payload: Fields({ message_id: MessageId }),
    reply: Begun,
  },
  follow_message: {
    description:
      "For a client that lost its connection in mid-answer: tells this socket the answer's pieces after `index` number `after`, all of them if that is left out, and goes on to its end. What is said to all sockets of the user meanwhile comes too: a piece that comes twice has the same `index`.",
    payload: Fields({ message_id: MessageId, after: optional(Index) }),
    reply: Begun,
  },
} as const
