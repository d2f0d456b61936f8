import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { Audit } from "../../operations/Audit"
import type { Actor, UserId } from "../../shared/Actor"
import type { OffsetLimit, PageResult } from "../../shared/Page"
import { requireAdmin } from "../../shared/Policy"
import { withTransaction } from "../../shared/Transaction"
import { HistoryRepo } from "./AdminHistoryRepo"
import { MessageDetailsRepo } from "./MessageDetailsRepo"
import type { ConversationHistory } from "./Model"

/** Reading what others said, which is done by administrators only and written down. */
export class History extends Effect.Service<History>()("ConversationHistory", {
  dependencies: [HistoryRepo.Default, MessageDetailsRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* HistoryRepo
    const details = yield* MessageDetailsRepo
    const audit = yield* Audit

    /** Part of a user's conversations, those talked in last first; with all their messages if wanted. */
    const of = Effect.fn("Conversations.historyOf")(function* (
      actor: Actor,
      userId: UserId,
      window: OffsetLimit,
      withMessages: boolean,
    ) {
      yield* requireAdmin(actor)
      const { offset: skip, limit } = window
      yield* audit.record(actor, "view_history", userId, { skip, limit, include_messages: withMessages })
      const { items, total } = yield* repo.page(userId, window)
      const messages = withMessages ? yield* details.ofAll(items.map(({ id }) => id)) : []
      const said = Map.groupBy(messages, ({ conversationId }) => conversationId)
      const history: PageResult<ConversationHistory> = {
        items: items.map((conversation) => ({ conversation, messages: said.get(conversation.id) ?? [] })),
        total,
      }
      return history
    }, transaction)

    return { of }
  }),
}) {}
