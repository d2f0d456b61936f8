import { Effect } from "effect"
import type { DefaultEventsMap, Server, Socket } from "socket.io"
import { Sessions } from "../../../domain/identity/Sessions"
import { Unauthenticated } from "../../../domain/identity/Sessions/Errors"
import type { Actor } from "../../../domain/shared/Actor"
import { rejectScope } from "../../../http/middleware/Authentication"
import { disconnectRevoked } from "../../../http/middleware/SessionRevocation"

interface SocketData {
  actor: Actor
}

/** A socket whose client connected with a valid access token or API key. */
export type AuthenticatedSocket = Socket<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, SocketData>

/** Returns the name of the room that all sockets of a user join. */
export const userRoom = ({ userId }: Pick<Actor, "userId">) => `user:${userId}`

/** Reads the client's token from `auth`, where the official client sends it, or from the `Authorization` header. */
const tokenFrom = ({ handshake: { auth, headers } }: Socket): string | undefined => {
  const raw: unknown = auth["token"] ?? headers.authorization
  return typeof raw === "string" ? raw.replace(/^bearer +/i, "").trim() : undefined
}

/** Makes an error for the client's `connect_error` event, which carries `data` to the client. */
const connectError = ({ message }: Error, code: string) =>
  Object.assign(new Error(message), { data: { code } })

/**
 * Accepts only clients with a valid access token, or with an API key that permits to read. A socket outlives
 * its token but not its session: when the session is revoked, by logout, ban or password change, or the key,
 * the socket is disconnected.
 */
export const authenticateSockets = (io: Server, run: (effect: Effect.Effect<void>) => void) =>
  Effect.gen(function* () {
    const sessions = yield* Sessions

    io.use((socket, next) => {
      const token = tokenFrom(socket)
      const authenticated = token === undefined ? new Unauthenticated() : sessions.authenticate(token)
      run(
        Effect.matchCause(authenticated, {
          onSuccess: (actor) => {
            const rejection = rejectScope(actor, "read")
            if (rejection !== undefined) return next(connectError(rejection, rejection.code))
            Object.assign(socket.data, { actor })
            next()
          },
          onFailure: (cause) =>
            next(
              cause._tag === "Fail"
                ? connectError(cause.error, "UNAUTHORIZED")
                : connectError(new Error("Something went wrong in the server."), "INTERNAL_ERROR"),
            ),
        }),
      )
    })

    yield* disconnectRevoked(() =>
      ([...io.sockets.sockets.values()] as ReadonlyArray<AuthenticatedSocket>).map((socket) => ({
        actor: socket.data.actor,
        close: () => socket.disconnect(true),
      })),
    )
  })
