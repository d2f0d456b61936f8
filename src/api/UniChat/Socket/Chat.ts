import { Effect, Fiber } from "effect"
import { Chat } from "../../../domain/chat/Chat"
import { Conversations } from "../../../domain/conversations/Conversations"
import { Generation } from "../../../domain/generation/Generations"
import type { Actor } from "../../../domain/shared/Actor"
import { limits } from "../../../http/RateLimitPolicy"
import { toConversation } from "../Conversations/Body"
import type { OwnSocket } from "./Authentication"
import type { Voices } from "./Emitter"
import { heard } from "./Events"
import { makeRelay } from "./GenerationForwarder"

/** Listens to what a socket says in conversations. */
export const makeChat = ({ listen, tellAll, tellOne, fork }: Voices) =>
  Effect.gen(function* () {
    const chat = yield* Chat
    const conversations = yield* Conversations
    const generation = yield* Generation
    const relay = yield* makeRelay
    /** The answers whose runs are told of here as they go. */
    const relayed = new Set<string>()

    /** Tells all sockets of a user what happens in a run; read once, however many they are. */
    const tellRun = (
      actor: Actor,
      started: Parameters<typeof relay>[1],
      options: Parameters<typeof relay>[3],
      after: Effect.Effect<void> = Effect.void,
    ) =>
      Effect.sync(() => {
        const id = started.run.answerId ?? ""
        relayed.add(id)
        const told = relay(actor, started, tellAll(actor), options)
        fork(
          Effect.ensuring(
            Effect.zipRight(told, after),
            Effect.sync(() => relayed.delete(id)),
          ),
        )
      })

    const namesOf = ({ run: { id, answerId, conversationId } }: Parameters<typeof relay>[1]) => ({
      conversation_id: conversationId,
      message_id: answerId,
      generation_id: id,
    })

    return (socket: OwnSocket) => {
      const { actor } = socket.data

      listen(socket, "send_message", heard.send_message, limits.chat, ({ conversationId, ...message }) =>
        Effect.gen(function* () {
          const said = yield* chat.say(actor, { ...message, conversationId: conversationId ?? undefined })
          const { conversation, isNew, titled } = said
          const tell = tellAll(actor)
          if (isNew) tell("conversation_created", { conversation: toConversation(conversation) })
          const named =
            titled === undefined
              ? Effect.void
              : Effect.map(Effect.option(Fiber.join(titled)), (title) => {
                  if (title._tag === "None" || title.value === undefined) return
                  tell("title_updated", { title: title.value, conversation_id: conversation.id })
                })
          yield* tellRun(actor, said, { tellPrompt: true }, named)
          return namesOf(said)
        }),
      )

      listen(socket, "regenerate_message", heard.regenerate_message, limits.chat, ({ message_id }) =>
        Effect.gen(function* () {
          const started = yield* chat.regenerate(actor, message_id)
          yield* tellRun(actor, started, { tellPrompt: false })
          return namesOf(started)
        }),
      )

      listen(socket, "stop_generation", heard.stop_generation, limits.other, ({ message_id }) =>
        Effect.gen(function* () {
          yield* conversations.message(actor, message_id)
          const isTold = relayed.has(message_id)
          const { conversationId } = yield* generation.stopAnswer(actor, message_id)
          const about = { message_id, conversation_id: conversationId }
          if (!isTold) tellAll(actor)("generation_stopped", about)
          return about
        }),
      )

      listen(socket, "follow_message", heard.follow_message, limits.other, ({ message_id, after = -1 }) =>
        Effect.gen(function* () {
          yield* conversations.message(actor, message_id)
          const followed = yield* generation.eventsOfAnswer(actor, message_id, after)
          fork(relay(actor, followed, tellOne(socket), { tellPrompt: false }))
          return namesOf(followed)
        }),
      )
    }
  })
