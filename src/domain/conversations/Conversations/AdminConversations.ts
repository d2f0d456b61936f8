import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { Audit } from "../../operations/Audit"
import type { Actor, UserId } from "../../shared/Actor"
import type { OffsetLimit, PageResult } from "../../shared/Page"
import { requireAdmin } from "../../shared/Policy"
import { withTransaction } from "../../shared/Transaction"
import { ListRepo } from "./ListRepo"
import { MessagesWithMetadataRepo } from "./MessagesWithMetadataRepo"
import type { ConversationWithMessages } from "./Model"

/** Reads the conversations of other users. Requires an administrator, and every read is audited. */
export class AdminConversations extends Effect.Service<AdminConversations>()("AdminConversations", {
  dependencies: [ListRepo.Default, MessagesWithMetadataRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const lists = yield* ListRepo
    const messagesWithMetadata = yield* MessagesWithMetadataRepo
    const audit = yield* Audit

    /** Lists a range of a user's conversations, most recently active first, optionally with all their messages. */
    const list = Effect.fn("Conversations.adminHistory")(function* (
      actor: Actor,
      userId: UserId,
      window: OffsetLimit,
      withMessages: boolean,
    ) {
      yield* requireAdmin(actor)
      const { offset: skip, limit } = window
      yield* audit.record(actor, "view_history", userId, { skip, limit, include_messages: withMessages })
      const { items, total } = yield* lists.listByUser(userId, window)
      const messages = withMessages
        ? yield* messagesWithMetadata.listByConversations(items.map(({ id }) => id))
        : []
      const messagesByConversation = Map.groupBy(messages, ({ conversationId }) => conversationId)
      const result: PageResult<ConversationWithMessages> = {
        items: items.map((conversation) => ({
          conversation,
          messages: messagesByConversation.get(conversation.id) ?? [],
        })),
        total,
      }
      return result
    }, transaction)

    return { list }
  }),
}) {}
