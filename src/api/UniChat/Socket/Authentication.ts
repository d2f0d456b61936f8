import { Effect } from "effect"
import type { DefaultEventsMap, Server, Socket } from "socket.io"
import { Sessions } from "../../../domain/identity/Sessions"
import { NotSignedIn } from "../../../domain/identity/Sessions/Errors"
import type { Actor } from "../../../domain/shared/Actor"
import { cutOff } from "../../../http/middleware/SessionRevocation"

interface Data {
  actor: Actor
}

/** A socket that somebody's token opened. */
export type OwnSocket = Socket<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, Data>

/** All sockets of a user hear the same. */
export const roomOf = ({ userId }: Actor) => `user:${userId}`

/** The token that a client connects with: in `auth`, as the official client sends it, or as a bearer. */
const tokenOf = ({ handshake: { auth, headers } }: Socket): string | undefined => {
  const given: unknown = auth["token"] ?? headers.authorization
  return typeof given === "string" ? given.replace(/^bearer +/i, "").trim() : undefined
}

const refusal = ({ message }: Error, code: string) => Object.assign(new Error(message), { data: { code } })

/**
 * Lets in who has an access token. A socket outlives its token, but not the session: when that
 * ends, by logout, ban or a new password, the socket is cut off.
 */
export const guard = (io: Server, run: (effect: Effect.Effect<void>) => void) =>
  Effect.gen(function* () {
    const sessions = yield* Sessions

    io.use((socket, next) => {
      const token = tokenOf(socket)
      const identified = token === undefined ? new NotSignedIn() : sessions.identify(token)
      run(
        Effect.matchCause(identified, {
          onSuccess: (actor) => {
            Object.assign(socket.data, { actor })
            next()
          },
          onFailure: (cause) =>
            next(
              cause._tag === "Fail"
                ? refusal(cause.error, "UNAUTHORIZED")
                : refusal(new Error("Something went wrong in the server."), "INTERNAL_ERROR"),
            ),
        }),
      )
    })

    yield* cutOff(() =>
      ([...io.sockets.sockets.values()] as ReadonlyArray<OwnSocket>).map((socket) => ({
        actor: socket.data.actor,
        cut: () => socket.disconnect(true),
      })),
    )
  })
