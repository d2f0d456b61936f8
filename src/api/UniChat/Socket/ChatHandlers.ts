import { Effect, Fiber } from "effect"
import { Chat } from "../../../domain/chat/Chat"
import { Conversations } from "../../../domain/conversations/Conversations"
import { Generations } from "../../../domain/generation/Generations"
import type { Actor } from "../../../domain/shared/Actor"
import { rateLimits } from "../../../http/RateLimitPolicy"
import { encodeConversation } from "../Conversations/Body"
import type { AuthenticatedSocket } from "./Authentication"
import { clientEvents } from "./Events"
import { makeGenerationForwarder } from "./GenerationForwarder"
import type { SocketContext } from "./SocketContext"

/** Registers the handlers of a socket's chat events. */
export const makeChatHandlers = ({ on, emitToUser, emitTo, fork }: SocketContext) =>
  Effect.gen(function* () {
    const chat = yield* Chat
    const conversations = yield* Conversations
    const generations = yield* Generations
    const forward = yield* makeGenerationForwarder
    /** Ids of the answers whose generations this process forwards now. */
    const forwarding = new Set<string>()

    /** Forwards a generation to all sockets of a user, reading its events only once, however many they are. */
    const forwardToUser = (
      actor: Actor,
      started: Parameters<typeof forward>[1],
      options: Parameters<typeof forward>[3],
      afterwards: Effect.Effect<void> = Effect.void,
    ) =>
      Effect.sync(() => {
        const id = started.generation.answerId ?? ""
        forwarding.add(id)
        const forwarded = forward(actor, started, emitToUser(actor), options)
        fork(
          Effect.ensuring(
            Effect.zipRight(forwarded, afterwards),
            Effect.sync(() => forwarding.delete(id)),
          ),
        )
      })

    const idsOf = ({ generation: { id, answerId, conversationId } }: Parameters<typeof forward>[1]) => ({
      conversation_id: conversationId,
      message_id: answerId,
      generation_id: id,
    })

    return (socket: AuthenticatedSocket) => {
      const { actor } = socket.data

      on(
        socket,
        "send_message",
        clientEvents.send_message,
        rateLimits.chat,
        ({ conversationId, ...message }) =>
          Effect.gen(function* () {
            const started = yield* chat.sendMessage(actor, {
              ...message,
              conversationId: conversationId ?? undefined,
            })
            const { conversation, isNew, titleFiber } = started
            const emit = emitToUser(actor)
            if (isNew) emit("conversation_created", { conversation: encodeConversation(conversation) })
            const emitTitle =
              titleFiber === undefined
                ? Effect.void
                : Effect.map(Effect.option(Fiber.join(titleFiber)), (title) => {
                    if (title._tag === "None" || title.value === undefined) return
                    emit("title_updated", { title: title.value, conversation_id: conversation.id })
                  })
            yield* forwardToUser(actor, started, { emitPrompt: true }, emitTitle)
            return idsOf(started)
          }),
      )

      on(socket, "regenerate_message", clientEvents.regenerate_message, rateLimits.chat, ({ message_id }) =>
        Effect.gen(function* () {
          const started = yield* chat.regenerate(actor, message_id)
          yield* forwardToUser(actor, started, { emitPrompt: false })
          return idsOf(started)
        }),
      )

      on(socket, "stop_generation", clientEvents.stop_generation, rateLimits.other, ({ message_id }) =>
        Effect.gen(function* () {
          const isForwarded = forwarding.has(message_id)
          yield* conversations.message(actor, message_id)
          const { generation, wasRunning } = yield* generations.stopByMessage(actor, message_id)
          const ids = { message_id, conversation_id: generation.conversationId }
          // The forwarder reports the end of what it forwards, also when another socket stopped it before.
          if (wasRunning && !isForwarded) emitToUser(actor)("generation_stopped", ids)
          return ids
        }),
      )

      on(
        socket,
        "follow_message",
        clientEvents.follow_message,
        rateLimits.other,
        ({ message_id, after = -1 }) =>
          Effect.gen(function* () {
            yield* conversations.message(actor, message_id)
            const followed = yield* generations.eventsByMessage(actor, message_id, after)
            fork(forward(actor, followed, emitTo(socket), { emitPrompt: false }))
            return idsOf(followed)
          }),
      )
    }
  })
