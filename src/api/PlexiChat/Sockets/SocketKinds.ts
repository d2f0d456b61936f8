import { Effect } from "effect"
import { ScopeNotFound } from "../../../domain/identity/Memberships/Errors"
import { Channels } from "../../../domain/messaging/Channels"
import type { ChannelId } from "../../../domain/messaging/Channels/Model"
import type { SocketKind } from "./SocketKind"

/** Makes the four kinds of sockets. Those of a channel follow it if its user may read it. */
export const makeSocketKinds = Effect.gen(function* () {
  const channels = yield* Channels

  /** Follows a channel of one kind; a direct one is found among conversations only, and the other way round. */
  const inChannel =
    (name: SocketKind["name"], isDirect: boolean) =>
    (id: ChannelId): SocketKind => ({
      name,
      authorize: (actor) =>
        Effect.flatMap(channels.authorize(actor, id, "read"), (access) =>
          (access.type === "direct") === isDirect
            ? Effect.succeed(access.id)
            : new ScopeNotFound({ kind: "channel" }),
        ),
      shows: () => true,
    })

  const connect: SocketKind<never> = {
    name: "connect",
    authorize: () => Effect.succeed(undefined),
    shows: () => true,
  }

  return {
    connect,
    channel: inChannel("channel", false),
    dm: inChannel("dm", true),
    voice: (id: ChannelId): SocketKind => ({ ...inChannel("voice", false)(id), shows: () => false }),
  }
})
