import { Effect, Schema, Stream } from "effect"
import type { Server } from "socket.io"
import { Conversations } from "../../../domain/conversations/Conversations"
import { ConversationId } from "../../../domain/conversations/Conversations/Model"
import { Memberships } from "../../../domain/identity/Memberships"
import { ScopeId } from "../../../domain/identity/Memberships/Model"
import { Change, ChangeFeed } from "../../../domain/shared/ChangeFeed"
import { example } from "../../../http/Example"
import { userRoom } from "./Authentication"

const { entity, action } = Change.fields

export const serverEvents = {
  change: {
    description:
      "Something that the user can see was created, updated or deleted, through any contract and by anybody. Read it again to see how.",
    payload: Schema.Struct({
      entity,
      action,
      id: Schema.String.annotations({ description: "The id of what changed" }),
      chatId: Schema.optional(Schema.String).annotations({ description: "The chat of a message" }),
    }).annotations(
      example({
        entity: "message",
        action: "created",
        id: "019bc0f1-2b48-7c3a-9d52-5d0f7e1b9a34",
        chatId: "019bc0f1-2b47-7c3a-9d52-3a9cf5520012",
      }),
    ),
  },
} as const

/** Emits every change to the sockets of this process whose users can see it. */
export const forwardChanges = (io: Server) =>
  Effect.gen(function* () {
    const feed = yield* ChangeFeed
    const memberships = yield* Memberships
    const conversations = yield* Conversations

    /** Returns the members of the project or organization; of a message, those of its chat's project. */
    const membersFor = ({ scopeId, entity, id, chatId = id }: Change) => {
      if (scopeId !== null && scopeId !== undefined) return memberships.memberIds(ScopeId.make(scopeId))
      return entity === "message" || (entity === "chat" && scopeId === undefined)
        ? conversations.projectMemberIds(ConversationId.make(chatId))
        : Effect.succeed([])
    }

    const forward = Effect.fnUntraced(function* (change: Change) {
      if (io.sockets.sockets.size === 0) return
      const { userIds, scopeId: _, ...payload } = change
      const members = yield* membersFor(change)
      for (const userId of new Set([...userIds, ...members]))
        io.to(userRoom({ userId })).emit("change", payload)
    })

    yield* Effect.forkScoped(
      Stream.runForEach(feed.changes, (change) =>
        Effect.catchAllCause(forward(change), (cause) =>
          Effect.logWarning("forwarding a change failed", cause),
        ),
      ),
    )
  })
