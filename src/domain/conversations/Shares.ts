import { DateTime, Effect, Option, Redacted } from "effect"
import type { Actor, UserId } from "../shared/Actor"
import { IdGenerator, isUuid } from "../shared/Ids"
import { resealSecrets } from "../shared/resealSecrets"
import { SecretBox } from "../shared/SecretBox"
import { Tokens } from "../shared/Tokens"
import { ConversationNotFound } from "./Conversations/Errors"
import type { ConversationId } from "./Conversations/Model"
import { InvalidShareExpiry, ShareExpired, ShareNotFound } from "./Shares/Errors"
import { type Share, type SharedConversation, ShareId } from "./Shares/Model"
import { SharesRepo } from "./Shares/Repo"

/**
 * Publishes copies of conversations: a share shows the conversation as it was, whatever happens to it
 * later, until it expires, is revoked, or its conversation or account is deleted.
 */
export class Shares extends Effect.Service<Shares>()("Shares", {
  dependencies: [SharesRepo.Default],
  scoped: Effect.gen(function* () {
    const repo = yield* SharesRepo
    const ids = yield* IdGenerator
    const tokens = yield* Tokens
    const secrets = yield* SecretBox

    const ownerOf = (userId: UserId) => ({ userId, purpose: "id of a share" })

    /** Shares a conversation of the actor as it is now, until `expiresAt` or, by default, forever. */
    const create = Effect.fn("Shares.create")(function* (
      actor: Actor,
      conversationId: string,
      expiresAt: Date | null = null,
    ) {
      const createdAt = yield* DateTime.nowAsDate
      if (expiresAt !== null && expiresAt <= createdAt) return yield* new InvalidShareExpiry()
      const id = ShareId.make(yield* ids.generateUnguessable)
      const stored = {
        hash: tokens.hash(id),
        sealed: yield* secrets.seal(Redacted.make(id), ownerOf(actor.userId)),
      }
      const inserted = yield* repo.insert(actor, conversationId, stored, { createdAt, expiresAt })
      const { sealed: _, ...share } = yield* Effect.mapError(inserted, () => new ConversationNotFound())
      const created: Share = { id, ...share }
      return created
    })

    /** Returns the conversation of one of the actor's shares. */
    const conversationOf = Effect.fnUntraced(function* (actor: Actor, id: ShareId) {
      const row = Option.getOrUndefined(yield* repo.findOwned(actor, tokens.hash(id)))
      if (row === undefined) return yield* new ShareNotFound()
      if (!row.exists) return yield* new ShareExpired()
      return row.conversationId ?? (yield* new ShareNotFound())
    })

    /** Shares a conversation of the actor, or the one of an earlier share, as it is now. The earlier share stays. */
    const shareAgain = Effect.fn("Shares.shareAgain")(function* (
      actor: Actor,
      id: ShareId | ConversationId,
      expiresAt?: Date | null,
    ) {
      const conversationId = isUuid(id) ? id : yield* conversationOf(actor, ShareId.make(id))
      return yield* create(actor, conversationId, expiresAt)
    })

    /**
     * Lists the actor's shares, expired ones too, newest first; without those whose ids were encrypted with
     * a secret that the server does not have any more.
     */
    const list = Effect.fn("Shares.list")(function* (actor: Actor) {
      const rows = yield* repo.list(actor)
      const shares = yield* Effect.forEach(rows, ({ sealed, ...share }) =>
        Effect.map(Effect.option(secrets.open(sealed, ownerOf(actor.userId))), (opened) =>
          Option.map(opened, (id): Share => ({ id: ShareId.make(Redacted.value(id)), ...share })),
        ),
      )
      return shares.flatMap(Option.toArray)
    })

    /** Returns a shared conversation to whoever knows its id. */
    const read = Effect.fn("Shares.read")(function* (id: ShareId) {
      const row = Option.getOrUndefined(yield* repo.find(tokens.hash(id)))
      if (row === undefined) return yield* new ShareNotFound()
      if (!row.exists) return yield* new ShareExpired()
      const { exists: _, ...shared } = row
      if (shared.expiresAt !== null && shared.expiresAt <= (yield* DateTime.nowAsDate))
        return yield* new ShareExpired()
      const conversation: SharedConversation = { id, ...shared }
      return conversation
    })

    /** Revokes one of the actor's shares: its copy is deleted, and its id never works again. */
    const revoke = Effect.fn("Shares.revoke")(function* (actor: Actor, id: ShareId) {
      yield* conversationOf(actor, id)
      const removed = yield* repo.remove(actor, tokens.hash(id))
      if (!removed) return yield* new ShareExpired()
    })

    yield* resealSecrets({
      kind: "id of a share",
      listWithout: repo.listIdsWithout,
      ownerOf: ({ userId }) => ownerOf(userId),
      replace: repo.replaceId,
    })

    return { create, shareAgain, list, read, revoke }
  }),
}) {}
