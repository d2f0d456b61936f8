import { Schema } from "effect"
import { AssistantId } from "../../../domain/assistants/Assistants/Model"
import { ArenaSessionId, MessageId, Prompt } from "../../../domain/conversations/Conversations/Model"
import { Fields, named, optional } from "../../../http/Fields"
import { ArenaMessageBody, ArenaSessionBody } from "../Arena/Body"
import { Metadata } from "../Conversations/Body"
import { Done, GenerationId, Index, Piece, Refusal } from "./Payload"

const Session = Schema.Struct({ session_id: Schema.String })

const Answer = Schema.Struct({
  config_id: Schema.String.annotations({ description: "Whose answer it is" }),
  message_id: Schema.String.annotations({ description: "The answer's" }),
  ...Session.fields,
})

/** What this server says, each event with one object. */
export const told = {
  arena_session_created: {
    description: "A new session was begun.",
    payload: Schema.Struct({ session: ArenaSessionBody }),
  },
  arena_user_message: {
    description: "The user's message is kept.",
    payload: Schema.Struct({ message: ArenaMessageBody, ...Session.fields }),
  },
  arena_message_start: {
    description: "A config's answer is being written.",
    payload: Schema.Struct({ ...Answer.fields, generation_id: GenerationId }),
  },
  arena_message_chunk: {
    description:
      "A piece of a config's answer. An answer's pieces come in order; `index` rises from each to the next. Those of several configs come as they are written, side by side.",
    payload: Schema.Struct({ ...Answer.fields, ...Piece }),
  },
  arena_message_complete: {
    description: "A config's answer is written: its whole text, and how it came to be.",
    payload: Schema.Struct({ ...Answer.fields, content: Schema.String, metadata: optional(Metadata) }),
  },
  arena_message_error: {
    description: "A config's answer broke off; those of the others go on. What was said before is kept.",
    payload: Schema.Struct({ ...Answer.fields, ...Refusal }),
  },
  arena_generation_stopped: {
    description: "No answer is being written in the session any more. What was said before is kept.",
    payload: Session,
  },
} as const

/** A config's answer, and the run that writes it. */
const Begun = Schema.Struct({
  config_id: Schema.String,
  message_id: Schema.NullOr(Schema.String).annotations({
    description: "The answer's; null: it ended before anything was said",
  }),
  generation_id: GenerationId,
})

/** What a client may send, each event with one object, and a callback if it wants to hear how it went. */
export const heard = {
  arena_send_message: {
    description:
      "Says something to configs of a session, or to 2 to 4 of them in a new one. Their answers come side by side, to all sockets of the user.",
    payload: Fields({
      sessionId: Schema.optional(Schema.NullOr(ArenaSessionId)).pipe(Schema.fromKey("session_id")),
      assistantIds: named(
        "config_ids",
        Schema.Array(AssistantId).annotations({
          description: "Those of the session that are to answer",
          message: () => "must be a list",
        }),
      ),
      content: named("message", Prompt),
    }),
    reply: Done({
      ...Session.fields,
      message_id: Schema.String.annotations({ description: "The user's message" }),
      answers: Schema.Array(Begun),
    }),
  },
  arena_stop_generation: {
    description: "Stops the writing of all answers in a session.",
    payload: Fields({ session_id: ArenaSessionId }),
    reply: Done(Session.fields),
  },
  arena_follow_message: {
    description:
      "For a client that lost its connection in mid-answer: tells this socket the pieces of a config's answer after `index` number `after`, all of them if that is left out, and goes on to its end. What is said to all sockets of the user meanwhile comes too: a piece that comes twice has the same `index`.",
    payload: Fields({ session_id: ArenaSessionId, message_id: MessageId, after: optional(Index) }),
    reply: Done({ ...Session.fields, ...Begun.fields }),
  },
} as const
