import { Effect, Fiber, FiberSet, Layer } from "effect"
import { Chat } from "../../../domain/conversation/Chat"
import { Generation } from "../../../domain/conversation/Generation"
import type { Actor } from "../../../domain/kernel/Actor"
import { limits } from "../../frame/LimitPolicy"
import { SocketIo } from "../../frame/SocketIo"
import { toConversation } from "../Conversations/Body"
import { guard, type OwnSocket, roomOf } from "./Door"
import { heard } from "./Events"
import { makeListen } from "./Listen"
import { makeRelay, type Tell } from "./Relay"

/** UniChat's events, on the sockets of those who are signed in. */
export const layer = Layer.scopedDiscard(
  Effect.gen(function* () {
    const io = yield* SocketIo
    const chat = yield* Chat
    const generation = yield* Generation
    const run = yield* FiberSet.makeRuntime<never>()
    const fork = (effect: Effect.Effect<void>) => void run(effect)
    const listen = yield* makeListen(fork)
    const relay = yield* makeRelay
    /** The answers whose runs are told of here as they go. */
    const relayed = new Set<string>()
    yield* guard(io, fork)

    const tellAll =
      (actor: Actor): Tell =>
      (event, payload) => {
        io.to(roomOf(actor)).emit(event, payload)
      }

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

    const greet = (socket: OwnSocket) => {
      const { actor } = socket.data
      void socket.join(roomOf(actor))
      const tellOne: Tell = (event, payload) => {
        socket.emit(event, payload)
      }

      listen(
        socket,
        "send_message",
        heard.send_message.payload,
        limits.chat,
        ({ conversationId, ...message }) =>
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

      listen(socket, "regenerate_message", heard.regenerate_message.payload, limits.chat, ({ message_id }) =>
        Effect.gen(function* () {
          const started = yield* chat.regenerate(actor, message_id)
          yield* tellRun(actor, started, { tellPrompt: false })
          return namesOf(started)
        }),
      )

      listen(socket, "stop_generation", heard.stop_generation.payload, limits.other, ({ message_id }) =>
        Effect.gen(function* () {
          const isTold = relayed.has(message_id)
          const { conversationId } = yield* generation.stopAnswer(actor, message_id)
          const about = { message_id, conversation_id: conversationId }
          if (!isTold) tellAll(actor)("generation_stopped", about)
          return about
        }),
      )

      listen(
        socket,
        "follow_message",
        heard.follow_message.payload,
        limits.other,
        ({ message_id, after = -1 }) =>
          Effect.gen(function* () {
            const followed = yield* generation.eventsOfAnswer(actor, message_id, after)
            fork(relay(actor, followed, tellOne, { tellPrompt: false }))
            return namesOf(followed)
          }),
      )

      tellOne("authenticated", { user_id: actor.userId })
    }

    io.on("connection", (socket) => greet(socket as OwnSocket))
  }),
)
