import { SqlClient } from "@effect/sql"
import { DateTime, Duration, Effect, Encoding, Option, Schedule, Stream } from "effect"
import { type Actor, SessionId, type UserId } from "../shared/Actor"
import { ClusterNotifications, type Notification } from "../shared/ClusterNotifications"
import { IdGenerator } from "../shared/Ids"
import { withTransaction } from "../shared/Transaction"
import { makeSessionCache } from "./Sessions/Cache"
import { NotSignedIn, RefreshRefused } from "./Sessions/Errors"
import { accessLifetime, type OpenedSession, sessionLifetime } from "./Sessions/Model"
import { SessionsRepo } from "./Sessions/Repo"
import { Tokens } from "./Tokens"

/**
 * Who is signed in, where. A session is proven by a short-lived access token or by the session
 * cookie, prolonged by refresh tokens that each work once, and over the moment it is ended.
 */
export class Sessions extends Effect.Service<Sessions>()("Sessions", {
  dependencies: [SessionsRepo.Default],
  scoped: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* SessionsRepo
    const tokens = yield* Tokens
    const signals = yield* ClusterNotifications
    const ids = yield* IdGenerator
    const cache = makeSessionCache()

    const expiry = (from: Date) => new Date(from.getTime() + Duration.toMillis(sessionLifetime))

    const insert = Effect.fnUntraced(function* (userId: UserId, passwordHash?: string) {
      const createdAt = yield* DateTime.nowAsDate
      const session = {
        id: SessionId.make(yield* ids.generate),
        userId,
        createdAt,
        expiresAt: expiry(createdAt),
      }
      const [cookie, refresh] = yield* Effect.all([tokens.mint, tokens.mint])
      const inserted = yield* repo.insert(session, cookie.hash, refresh.hash, passwordHash)
      if (!inserted) return Option.none<OpenedSession>()
      const accessToken = yield* tokens.signAccess({ userId, sessionId: session.id }, accessLifetime)
      return Option.some({ accessToken, refreshToken: refresh.value, cookie: cookie.value })
    })

    /** Opens a session for someone who has just joined. */
    const open = Effect.fn("Sessions.open")((userId: UserId) =>
      Effect.flatMap(insert(userId), (opened) => Effect.orDie(opened)),
    )

    /**
     * Opens a session for someone whose password was found to be the one that was hashed to this.
     * None if it has been changed since, or they have been banned.
     */
    const openByPassword = Effect.fn("Sessions.openByPassword")(insert)

    /** Finds what a refresh token stands for; one that was used before ends its whole session. */
    const redeem = Effect.fnUntraced(function* (hash: Uint8Array, at: Date) {
      const found = yield* repo.findRefresh(hash, at)
      if (found._tag === "None") return yield* new RefreshRefused()
      if (!found.value.used) return found.value
      yield* end(found.value.sessionId)
      return yield* new RefreshRefused()
    })

    /** A new access token and a new refresh token for an unused one, which is then used up. */
    const rotate = Effect.fn("Sessions.rotate")(function* (refreshToken: string) {
      const at = yield* DateTime.nowAsDate
      const hash = tokens.fingerprint(refreshToken)
      const { sessionId, userId } = yield* redeem(hash, at)
      const next = yield* tokens.mint
      const spent = yield* Effect.tap(repo.spend(hash, at), (first) =>
        first ? repo.addRefresh(sessionId, next.hash, expiry(at)) : Effect.void,
      ).pipe(transaction)
      if (!spent) return yield* redeem(hash, at).pipe(Effect.zipRight(new RefreshRefused()))
      const accessToken = yield* tokens.signAccess({ userId, sessionId }, accessLifetime)
      return { accessToken, refreshToken: next.value }
    })

    /** A new access token alone; the refresh token stays good. */
    const renew = Effect.fn("Sessions.renew")(function* (refreshToken: string) {
      const at = yield* DateTime.nowAsDate
      const { sessionId, userId } = yield* redeem(tokens.fingerprint(refreshToken), at)
      yield* repo.prolong(sessionId, expiry(at))
      return yield* tokens.signAccess({ userId, sessionId }, accessLifetime)
    })

    const orNotSignedIn = (found: Option.Option<Actor>) => Effect.mapError(found, () => new NotSignedIn())

    /** Who this access token is of, as long as its session is open. */
    const identify = Effect.fnUntraced(
      function* (accessToken: string) {
        const { sessionId } = yield* tokens.verifyAccess(accessToken)
        const lookup = Effect.flatMap(DateTime.nowAsDate, (at) => repo.findActor({ id: sessionId }, at))
        return yield* Effect.flatMap(cache.get(sessionId, lookup), orNotSignedIn)
      },
      Effect.catchTag("InvalidToken", () => new NotSignedIn()),
    )

    /** Who this session cookie is of, as long as its session is open. */
    const identifyCookie = Effect.fnUntraced(function* (cookie: string) {
      const cookieHash = tokens.fingerprint(cookie)
      const lookup = Effect.flatMap(DateTime.nowAsDate, (at) => repo.findActor({ cookieHash }, at))
      return yield* Effect.flatMap(cache.get(Encoding.encodeHex(cookieHash), lookup), orNotSignedIn)
    })

    /** Ends one session, everywhere, at once; also for a caller who does not stay to hear of it. */
    const end = Effect.fn("Sessions.end")(function* (id: SessionId) {
      yield* Effect.ensuring(repo.end(id, yield* DateTime.nowAsDate), cache.forgetSession(id))
      yield* signals.publish("session_ended", `session:${id}`)
    }, Effect.uninterruptible)

    /** Ends a user's sessions, all or all but one. Within a transaction, `forget` when it is over. */
    const endAll = Effect.fn("Sessions.endAll")(function* (
      userId: UserId,
      options?: { readonly except: SessionId },
    ) {
      yield* repo.endAll(userId, options?.except ?? null, yield* DateTime.nowAsDate)
      yield* signals.publish("session_ended", `user:${userId}`)
      yield* cache.forgetUser(userId)
    })

    /** Whether a session is still open, asked of the database. */
    const isOpen = Effect.fn("Sessions.isOpen")(function* ({ sessionId }: Actor) {
      return Option.isSome(yield* repo.findActor({ id: sessionId }, yield* DateTime.nowAsDate))
    })

    /** Whose session may be over, told when one is ended anywhere: for those who hold a connection open. */
    const endings = Stream.map(signals.subscribe("session_ended"), (signal) => {
      if (signal._tag === "Missed") return () => true
      const [kind, id] = signal.payload.split(":", 2)
      return (actor: Actor) => (kind === "session" ? actor.sessionId : actor.userId) === id
    })

    const heed = (signal: Notification) => {
      if (signal._tag === "Missed") return cache.forgetAll
      const [kind, id] = signal.payload.split(":", 2)
      return kind === "session"
        ? cache.forgetSession(SessionId.make(id ?? ""))
        : cache.forgetUser((id ?? "") as UserId)
    }
    yield* Stream.runForEach(signals.subscribe("session_ended"), heed).pipe(Effect.forkScoped)

    yield* Effect.flatMap(DateTime.nowAsDate, repo.purge).pipe(
      Effect.catchAllCause((cause) =>
        Effect.logWarning("Could not forget old sessions; trying again later", cause),
      ),
      Effect.repeat(Schedule.spaced(Duration.hours(1))),
      Effect.forkScoped,
    )

    return {
      open,
      openByPassword,
      rotate,
      renew,
      identify,
      identifyCookie,
      isOpen,
      endings,
      end,
      endAll,
      forget: cache.forgetUser,
    }
  }),
}) {}
