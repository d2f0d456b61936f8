import type { HttpServerRequest } from "@effect/platform"
import { Effect, Option } from "effect"
import { Sessions } from "../../../domain/identity/Sessions"
import { Unauthenticated } from "../../../domain/identity/Sessions/Errors"
import { MessagingFeed } from "../../../domain/messaging/MessagingFeed"
import { Tokens } from "../../../domain/shared/Tokens"
import { RequestActor } from "../../../http/Authenticated"
import { bearerToken, rejectScope } from "../../../http/middleware/Authentication"
import type { SocketIdentity, Subscription } from "./ClientSocket"
import type { SocketKind } from "./SocketKind"

/** The name of the subprotocol after which a client sends its token, as browsers cannot set headers. */
export const tokenProtocol = "bearer"

type Request = HttpServerRequest.HttpServerRequest

/** Returns the token in `Sec-WebSocket-Protocol: bearer, <token>`. */
const protocolToken = ({ headers }: Request): string | undefined => {
  const [name, token] = (headers["sec-websocket-protocol"] ?? "").split(",").map((part) => part.trim())
  return name === tokenProtocol && token !== "" ? token : undefined
}

/** Whether the client offered the subprotocol, which the server must then choose. */
export const offersTokenProtocol = (request: Request) => protocolToken(request) !== undefined

/** Makes the functions that find out who a client is and what it may follow. */
export const makeSocketAuthentication = Effect.gen(function* () {
  const sessions = yield* Sessions
  const tokens = yield* Tokens
  const feed = yield* MessagingFeed

  /** Authenticates by a token. A token that is no access token, such as an API key, does not expire here. */
  const byToken = Effect.fnUntraced(function* (token: string) {
    const actor = yield* sessions.authenticate(token)
    const claims = yield* Effect.option(tokens.verifyAccessToken(token))
    const expiresAt = Option.match(claims, {
      onNone: () => Number.POSITIVE_INFINITY,
      onSome: ({ expiresAt }) => expiresAt.getTime(),
    })
    const identity: SocketIdentity = { actor, expiresAt }
    return identity
  })

  /**
   * Authenticates a handshake: by the token in its URL or subprotocol, or else as every request, by header or by
   * cookie. None if it has nothing of all that.
   */
  const byRequest = Effect.fnUntraced(function* (request: Request, urlToken: string | undefined) {
    const token = urlToken ?? protocolToken(request) ?? bearerToken(request)
    if (token !== undefined) return Option.some(yield* byToken(token))
    const actor = yield* RequestActor
    const { authorization, "x-api-key": apiKey } = request.headers
    if (Option.isNone(actor) && (authorization ?? apiKey) !== undefined) return yield* new Unauthenticated()
    return Option.map(actor, (actor): SocketIdentity => ({ actor, expiresAt: Number.POSITIVE_INFINITY }))
  })

  /** Finds out what a user's socket of this kind follows, and from where on. */
  const authorize = Effect.fnUntraced(function* <E>(
    kind: SocketKind<E>,
    identity: SocketIdentity,
    after: number | undefined,
  ) {
    const rejection = rejectScope(identity.actor, "read")
    if (rejection !== undefined) return yield* Effect.die(rejection)
    const position = feed.currentPosition()
    const target = yield* kind.authorize(identity.actor)
    const resumed = after === undefined ? undefined : yield* Effect.option(feed.requireStored(after))
    const subscription: Subscription = {
      ...target,
      identity,
      position,
      resume: resumed && (Option.isSome(resumed) ? after : "expired"),
    }
    return subscription
  })

  return { byToken, byRequest, authorize }
})

export type SocketAuthentication = Effect.Effect.Success<typeof makeSocketAuthentication>
