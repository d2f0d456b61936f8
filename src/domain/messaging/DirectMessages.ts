import { SqlClient } from "@effect/sql"
import { Data, DateTime, Effect, Option } from "effect"
import { Memberships } from "../identity/Memberships"
import { ScopeNotFound } from "../identity/Memberships/Errors"
import { type Actor, type UserId, UserNotFound } from "../shared/Actor"
import { withTransaction } from "../shared/Transaction"
import { type Channel, ChannelId, defaultPermissions } from "./Channels/Model"
import { DirectMessagesRepo } from "./DirectMessages/Repo"
import { Outbox } from "./Outbox"

/** Another participant has started the same conversation concurrently. */
class StartedConcurrently extends Data.TaggedError("StartedConcurrently") {}

/**
 * Manages direct messages: channels whose members are fixed, with the messages and rules of other channels. The
 * same people always have the same one.
 */
export class DirectMessages extends Effect.Service<DirectMessages>()("DirectMessages", {
  dependencies: [DirectMessagesRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* DirectMessagesRepo
    const memberships = yield* Memberships
    const outbox = yield* Outbox

    /** Lists the actor's conversations, last active first. */
    const list = Effect.fn("DirectMessages.list")(repo.list)

    /** Returns one of the actor's conversations. */
    const get = Effect.fn("DirectMessages.get")((actor: Actor, id: ChannelId) =>
      Effect.mapError(Effect.flatten(repo.find(actor, id)), () => new ScopeNotFound({ kind: "channel" })),
    )

    const findOrInsert = Effect.fnUntraced(function* (userIds: ReadonlyArray<UserId>) {
      const users = yield* repo.lockUsers(userIds)
      if (users.length < userIds.length) return yield* new UserNotFound()
      const existing = yield* repo.findByParticipants(users)
      if (Option.isSome(existing)) return { id: existing.value.id, isNew: false }
      const now = yield* DateTime.nowAsDate
      const channel: Channel = {
        id: ChannelId.make(yield* memberships.createWith("channel", users, "member")),
        type: "direct",
        name: null,
        description: null,
        organizationId: null,
        isPrivate: true,
        createdAt: now,
        updatedAt: now,
      }
      if (!(yield* repo.insert(channel, users, defaultPermissions))) return yield* new StartedConcurrently()
      yield* outbox.append({ scopeId: channel.id }, { type: "channel_created", channel })
      return { id: channel.id, isNew: true }
    }, transaction)

    /** Returns the conversation of the actor with these users, or alone; creates it if there is none yet. */
    const start = Effect.fn("DirectMessages.start")(function* (actor: Actor, others: ReadonlyArray<UserId>) {
      const everyone = new Set([actor.userId, ...others].map((id) => id.toLowerCase() as UserId))
      const { id, isNew } = yield* Effect.retry(findOrInsert([...everyone]), {
        while: (error) => error._tag === "StartedConcurrently",
      }).pipe(Effect.catchTag("StartedConcurrently", Effect.die))
      return { conversation: yield* Effect.orDie(get(actor, id)), isNew }
    })

    return { list, get, start }
  }),
}) {}
