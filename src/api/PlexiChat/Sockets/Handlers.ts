import { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect, Option } from "effect"
import type { NotPermitted, ScopeNotFound } from "../../../domain/identity/Memberships/Errors"
import { RoomId } from "../../../domain/messaging/VoiceRooms/Model"
import { unauthenticated, upgradeRequired } from "../../../http/HttpError"
import { RequestId } from "../../../http/RequestId"
import { defineResource } from "../../../http/Resource"
import { isHandshake, upgrade } from "../../../http/WebSockets"
import { ClientSocket } from "./ClientSocket"
import { endpoints } from "./Endpoints"
import { offersTokenProtocol, tokenProtocol } from "./SocketAuthentication"
import type { SocketKind } from "./SocketKind"
import { makeSocketKinds } from "./SocketKinds"
import { makeSocketServer } from "./SocketServer"

interface HandshakeParams {
  readonly token?: string | undefined
  readonly after?: number | undefined
}

export const sockets = defineResource({
  group: endpoints,
  prefixes: ["/v1"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const kinds = yield* makeSocketKinds
      const { authentication, context } = yield* makeSocketServer

      /**
       * Opens a socket. A client with credentials, or without a handshake, gets the status that every request
       * would get; one without has to authenticate by its first frame.
       */
      const open = <E extends ScopeNotFound | NotPermitted>(
        kind: SocketKind<E>,
        { token, after }: HandshakeParams,
      ) =>
        Effect.gen(function* () {
          const request = yield* HttpServerRequest.HttpServerRequest
          const identity = yield* Effect.catchTag(
            authentication.byRequest(request, token),
            "Unauthenticated",
            () => Effect.die(unauthenticated),
          )
          if (Option.isNone(identity) && !isHandshake(request)) return yield* Effect.die(unauthenticated)
          const subscription = Option.isNone(identity)
            ? undefined
            : yield* authentication.authorize(kind, identity.value, after)
          if (!isHandshake(request)) return yield* Effect.die(upgradeRequired)
          const upgraded = yield* upgrade(request, new ClientSocket(kind, context, subscription), {
            "x-request-id": yield* RequestId,
            ...(offersTokenProtocol(request) ? { "sec-websocket-protocol": tokenProtocol } : {}),
          })
          return upgraded ? HttpServerResponse.empty({ status: 101 }) : yield* Effect.die(upgradeRequired)
        })

      return handlers
        .handle("v1Connect", ({ urlParams }) => open(kinds.connect, urlParams))
        .handle("v1ConnectToChannel", ({ path, urlParams }) => open(kinds.channel(path.id), urlParams))
        .handle("v1ConnectToConversation", ({ path, urlParams }) =>
          open(kinds.dm(path.conversation_id), urlParams),
        )
        .handle("v1ConnectToVoice", ({ path, urlParams }) =>
          open(kinds.voice(RoomId.make(path.channel_id)), urlParams),
        )
    }),
})
