import { DateTime, Effect } from "effect"
import { ScopeNotFound } from "../identity/Memberships/Errors"
import type { Actor } from "../shared/Actor"
import { Channels } from "./Channels"
import type { ChannelId } from "./Channels/Model"
import { PostNotFound } from "./Posts/Errors"
import type { PostId } from "./Posts/Model"
import { ReadMarkersRepo } from "./ReadMarkers/Repo"

/** Keeps up to where each user has read the channels and conversations that they may read. */
export class ReadMarkers extends Effect.Service<ReadMarkers>()("ReadMarkers", {
  dependencies: [ReadMarkersRepo.Default],
  effect: Effect.gen(function* () {
    const repo = yield* ReadMarkersRepo
    const channels = yield* Channels

    const find = (actor: Actor, id: ChannelId) =>
      Effect.mapError(Effect.flatten(repo.find(actor, id)), () => new ScopeNotFound({ kind: "channel" }))

    /** Lists the markers of the actor's channels and conversations, last active first. */
    const list = Effect.fn("ReadMarkers.list")(repo.list)

    /** Returns the actor's marker in a channel. Requires `read`. */
    const get = Effect.fn("ReadMarkers.get")(function* (actor: Actor, channelId: ChannelId) {
      const { id } = yield* channels.authorize(actor, channelId, "read")
      return yield* find(actor, id)
    })

    /**
     * Marks a channel as read up to a message; for a reply, up to the first message of its thread. Idempotent: a
     * marker never moves back. Requires `read`.
     */
    const set = Effect.fn("ReadMarkers.set")(function* (actor: Actor, channelId: ChannelId, postId: PostId) {
      const { id } = yield* channels.authorize(actor, channelId, "read")
      const isMoved = yield* repo.move(actor, id, postId, yield* DateTime.nowAsDate)
      return isMoved ? yield* find(actor, id) : yield* new PostNotFound()
    })

    return { list, get, set }
  }),
}) {}
