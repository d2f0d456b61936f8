import { Schema } from "effect"
import { AssistantId } from "../../../domain/assistants/Assistants/Model"
import { ArenaSessionId, MessageId, Prompt } from "../../../domain/conversations/Conversations/Model"
import { example } from "../../../http/Example"
import { Fields, optional, renamed } from "../../../http/Fields"
import { Metadata } from "../../../http/MessageFields"
import { ArenaMessageBody, ArenaSessionBody } from "../Arena/Body"
import {
  Ack,
  AnswerId,
  Chunk,
  ChunkIndex,
  ConfigId,
  Content,
  ErrorFields,
  GenerationId,
  NullableAnswerId,
  PromptId,
  SessionId,
} from "./PayloadFields"

const SessionRef = Schema.Struct({ session_id: SessionId })

const sessionId = ArenaSessionId.annotations({
  description: "The arena session's id",
  ...example("019bc0f1-2b52-7c3a-9d52-2e4c6a8b0d31"),
})

const AnswerRef = Schema.Struct({
  config_id: ConfigId,
  message_id: AnswerId,
  ...SessionRef.fields,
})

/** Events that the server emits, each with one object as its payload. */
export const serverEvents = {
  arena_session_created: {
    description: "A new session was created.",
    payload: Schema.Struct({ session: ArenaSessionBody }),
  },
  arena_user_message: {
    description: "The user's message was stored.",
    payload: Schema.Struct({ message: ArenaMessageBody, ...SessionRef.fields }),
  },
  arena_message_start: {
    description: "Generation of a config's answer has started.",
    payload: Schema.Struct({ ...AnswerRef.fields, generation_id: GenerationId }),
  },
  arena_message_chunk: {
    description:
      "A chunk of a config's answer. Chunks of one answer arrive in order, with increasing `index`; those of different configs are interleaved.",
    payload: Schema.Struct({ ...AnswerRef.fields, ...Chunk }),
  },
  arena_message_complete: {
    description: "A config's answer is complete. Contains its full text and the metadata of its generation.",
    payload: Schema.Struct({ ...AnswerRef.fields, content: Content, metadata: optional(Metadata) }),
  },
  arena_message_error: {
    description: "Generation of a config's answer failed; other answers continue. The text so far is stored.",
    payload: Schema.Struct({ ...AnswerRef.fields, ...ErrorFields }),
  },
  arena_generation_stopped: {
    description:
      "Generation in the session was stopped and has ended for all configs. The text so far is stored.",
    payload: SessionRef,
  },
} as const

/** A config's answer and its generation. */
const StartedAnswer = Schema.Struct({
  config_id: ConfigId,
  message_id: NullableAnswerId,
  generation_id: GenerationId,
})

/** Events that clients emit, each with one object as its payload and an optional callback for the acknowledgement. */
export const clientEvents = {
  arena_send_message: {
    description:
      "Sends a message to configs of a session, or to 2 to 4 configs in a new session. Their answers are generated in parallel and sent to all sockets of the user.",
    payload: Fields({
      sessionId: Schema.optional(Schema.NullOr(ArenaSessionId)).pipe(Schema.fromKey("session_id")),
      assistantIds: renamed(
        "config_ids",
        Schema.Array(AssistantId).annotations({
          description: "The configs that answer",
          message: () => "must be a list",
        }),
      ),
      content: renamed("message", Prompt),
    }).annotations(
      example({
        config_ids: ["019bc0f1-2b44-7c3a-9d52-8d6f4b2a0c53", "019bc0f1-2b45-7c3a-9d52-4f2b8d6a0e75"],
        message: "Where should I go in spring?",
      }),
    ),
    scope: "write",
    reply: Ack({
      ...SessionRef.fields,
      message_id: PromptId,
      answers: Schema.Array(StartedAnswer),
    }),
  },
  arena_stop_generation: {
    description: "Stops the generation of all answers in a session.",
    payload: Fields({ session_id: sessionId }),
    scope: "write",
    reply: Ack(SessionRef.fields),
  },
  arena_follow_message: {
    description:
      "Resumes a config's answer after a lost connection. Sends this socket the answer's chunks whose `index` is greater than `after`, or all chunks without `after`, and continues to the end of the answer. Events to all sockets of the user still arrive; a chunk that arrives twice has the same `index`.",
    payload: Fields({
      session_id: sessionId,
      message_id: MessageId.annotations({
        description: "The answer's id",
        ...example("019bc0f1-2b49-7c3a-9d52-7b1f3c5d9e02"),
      }),
      after: optional(ChunkIndex),
    }),
    scope: "read",
    reply: Ack({ ...SessionRef.fields, ...StartedAnswer.fields }),
  },
} as const
