import { Effect } from "effect"
import { Chat } from "../../../domain/chat/Chat"
import { Conversations } from "../../../domain/conversations/Conversations"
import { CurrentActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { withMessage } from "../Body"
import { toMessage } from "../Conversations/Body"
import { toOffsetLimit, toPageFields } from "../Paging"
import { endpoints } from "./Endpoints"

export const chat = defineResource({
  group: endpoints,
  prefixes: ["/api/chat"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const chat = yield* Chat
      const conversations = yield* Conversations

      return handlers
        .handle("sendMessage", ({ payload: { conversationId, ...message } }) =>
          Effect.gen(function* () {
            const actor = yield* CurrentActor
            const started = yield* chat.sendMessage(actor, {
              ...message,
              conversationId: conversationId ?? undefined,
            })
            const { prompt, answer } = yield* chat.awaitAnswer(actor, started)
            return {
              conversation_id: started.generation.conversationId,
              user_message: toMessage(prompt),
              assistant_message: toMessage(answer),
              is_new_conversation: started.isNew,
            }
          }),
        )
        .handle("chatMessages", ({ path, urlParams }) =>
          Effect.gen(function* () {
            const actor = yield* CurrentActor
            const { items, total } = yield* conversations.messagesWithMetadata(
              actor,
              path.conversation_id,
              toOffsetLimit(urlParams),
            )
            return { messages: items.map(toMessage), ...toPageFields(urlParams, total, items.length) }
          }),
        )
        .handle("deleteMessage", ({ path }) =>
          withMessage(
            Effect.flatMap(CurrentActor, (actor) => chat.removeMessage(actor, path.id)),
            "Message deleted",
          ),
        )
        .handle("editMessage", ({ path, payload: { content, regenerate = false } }) =>
          Effect.gen(function* () {
            const actor = yield* CurrentActor
            if (!regenerate) {
              return { message: toMessage(yield* chat.edit(actor, path.id, content)), deletedCount: 0 }
            }
            const started = yield* chat.editAndRegenerate(actor, path.id, content)
            const { prompt, answer } = yield* chat.awaitAnswer(actor, started)
            return {
              message: toMessage(prompt),
              deletedCount: started.deletedCount,
              assistantMessage: toMessage(answer),
            }
          }),
        )
        .handle("regenerateMessage", ({ path }) =>
          Effect.gen(function* () {
            const actor = yield* CurrentActor
            const started = yield* chat.regenerate(actor, path.id)
            const { answer } = yield* chat.awaitAnswer(actor, started)
            return { message: toMessage(answer), deletedCount: started.deletedCount }
          }),
        )
    }),
})
