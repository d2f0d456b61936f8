import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { Chat } from "../../../domain/chat/Chat"
import { Conversations } from "../../../domain/conversations/Conversations"
import { CurrentActor } from "../../../http/middleware/RequestActor"
import { UniChatApi } from "../Api"
import { said } from "../Body"
import { toMessage } from "../Conversations/Body"
import { pageOf, windowOf } from "../Paging"

export const chat = HttpApiBuilder.group(UniChatApi, "chat", (handlers) =>
  Effect.gen(function* () {
    const chats = yield* Chat
    const conversations = yield* Conversations

    return handlers
      .handle("sendMessage", ({ payload: { conversationId, ...message } }) =>
        Effect.gen(function* () {
          const actor = yield* CurrentActor
          const begun = yield* chats.say(actor, { ...message, conversationId: conversationId ?? undefined })
          const { prompt, answer } = yield* chats.answered(actor, begun)
          return {
            conversation_id: begun.run.conversationId,
            user_message: toMessage(prompt),
            assistant_message: toMessage(answer),
            is_new_conversation: begun.isNew,
          }
        }),
      )
      .handle("chatMessages", ({ path, urlParams }) =>
        Effect.gen(function* () {
          const actor = yield* CurrentActor
          const { items, total } = yield* conversations.details(
            actor,
            path.conversation_id,
            windowOf(urlParams),
          )
          return { messages: items.map(toMessage), ...pageOf(urlParams, total, items.length) }
        }),
      )
      .handle("deleteMessage", ({ path }) =>
        said(
          Effect.flatMap(CurrentActor, (actor) => chats.removeMessage(actor, path.id)),
          "Message deleted",
        ),
      )
      .handle("editMessage", ({ path, payload: { content, regenerate = false } }) =>
        Effect.gen(function* () {
          const actor = yield* CurrentActor
          if (!regenerate) {
            return { message: toMessage(yield* chats.edit(actor, path.id, content)), deletedCount: 0 }
          }
          const begun = yield* chats.editAndAnswer(actor, path.id, content)
          const { prompt, answer } = yield* chats.answered(actor, begun)
          return {
            message: toMessage(prompt),
            deletedCount: begun.removed,
            assistantMessage: toMessage(answer),
          }
        }),
      )
      .handle("regenerateMessage", ({ path }) =>
        Effect.gen(function* () {
          const actor = yield* CurrentActor
          const begun = yield* chats.regenerate(actor, path.id)
          const { answer } = yield* chats.answered(actor, begun)
          return { message: toMessage(answer), deletedCount: begun.removed }
        }),
      )
  }),
)
