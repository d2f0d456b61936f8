import { Effect } from "effect"
import { Chat } from "../../../domain/chat/Chat"
import { withActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { endpoints } from "./Endpoints"

export const chat = defineResource({
  group: endpoints,
  prefixes: ["/api/chat"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const chat = yield* Chat

      return handlers
        .handle(
          "sendMessage",
          withActor((actor, { payload }) =>
            Effect.gen(function* () {
              const started = yield* chat.sendMessage(actor, payload)
              const exchange = yield* chat.awaitAnswer(actor, started)
              return { ...exchange, conversationId: started.generation.conversationId, isNew: started.isNew }
            }),
          ),
        )
        .handle(
          "deleteMessage",
          withActor((actor, { path }) => chat.removeMessage(actor, path.id)),
        )
        .handle(
          "editMessage",
          withActor((actor, { path, payload: { content, regenerate = false } }) =>
            Effect.gen(function* () {
              if (!regenerate) return { prompt: yield* chat.edit(actor, path.id, content), deletedCount: 0 }
              const started = yield* chat.editAndRegenerate(actor, path.id, content)
              return { ...(yield* chat.awaitAnswer(actor, started)), deletedCount: started.deletedCount }
            }),
          ),
        )
        .handle(
          "regenerateMessage",
          withActor((actor, { path }) =>
            Effect.gen(function* () {
              const started = yield* chat.regenerate(actor, path.id)
              return { ...(yield* chat.awaitAnswer(actor, started)), deletedCount: started.deletedCount }
            }),
          ),
        )
    }),
})
