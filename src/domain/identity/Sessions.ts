import { SqlClient } from "@effect/sql"
import { DateTime, Duration, Effect, Encoding, Option, Schedule, Stream } from "effect"
import { type Actor, SessionId, type UserId } from "../shared/Actor"
import { ClusterNotifications, type Notification } from "../shared/ClusterNotifications"
import { IdGenerator } from "../shared/Ids"
import { Tokens } from "../shared/Tokens"
import { withTransaction } from "../shared/Transaction"
import { makeSessionCache } from "./Sessions/Cache"
import { InvalidRefreshToken, Unauthenticated } from "./Sessions/Errors"
import { accessTokenTtl, apiKeyPrefix, type SessionTokens, sessionTtl } from "./Sessions/Model"
import { SessionsRepo } from "./Sessions/Repo"

/**
 * Manages the sessions of signed-in users. A session is authenticated by a short-lived access token or
 * by its cookie, and extended by single-use refresh tokens. An API key authenticates like a session of its
 * own. Revocation takes effect at once.
 */
export class Sessions extends Effect.Service<Sessions>()("Sessions", {
  dependencies: [SessionsRepo.Default],
  scoped: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* SessionsRepo
    const tokens = yield* Tokens
    const notifications = yield* ClusterNotifications
    const ids = yield* IdGenerator
    const cache = makeSessionCache()
    const scope = yield* Effect.scope

    const expiry = (from: Date) => new Date(from.getTime() + Duration.toMillis(sessionTtl))

    const insert = Effect.fnUntraced(function* (
      userId: UserId,
      passwordHash?: string,
      options?: { readonly withSecondFactor: boolean },
    ) {
      const createdAt = yield* DateTime.nowAsDate
      const session = {
        id: SessionId.make(yield* ids.generate),
        userId,
        createdAt,
        expiresAt: expiry(createdAt),
      }
      const [cookie, refresh] = yield* Effect.all([tokens.generateSecret, tokens.generateSecret])
      const inserted = yield* repo.insert(
        session,
        cookie.hash,
        refresh.hash,
        passwordHash,
        options?.withSecondFactor === true,
      )
      if (!inserted) return Option.none<SessionTokens>()
      const accessToken = yield* tokens.signAccessToken({ userId, sessionId: session.id }, accessTokenTtl)
      return Option.some({ accessToken, refreshToken: refresh.value, cookie: cookie.value })
    })

    /** Creates a session for a user who has just registered. */
    const create = Effect.fn("Sessions.create")((userId: UserId) =>
      Effect.flatMap(insert(userId), (session) => Effect.orDie(session)),
    )

    /**
     * Creates a session for a user whose password was verified against this hash. Returns none if the password has
     * been changed since, the user is not active, or a second factor is needed and was not proven.
     */
    const createForPassword = Effect.fn("Sessions.createForPassword")(
      (userId: UserId, passwordHash: string, options?: { readonly withSecondFactor: boolean }) =>
        insert(userId, passwordHash, options),
    )

    /**
     * Returns the session of an unused refresh token. Reuse of one revokes its session, because either
     * the client or a thief holds a stale token.
     */
    const validateRefreshToken = Effect.fnUntraced(function* (hash: Uint8Array, at: Date) {
      const row = yield* repo.findRefreshToken(hash, at)
      if (row._tag === "None") return yield* new InvalidRefreshToken()
      if (!row.value.used) return row.value
      yield* revoke(row.value.sessionId)
      return yield* new InvalidRefreshToken()
    })

    /** Exchanges an unused refresh token for a new access token and a new refresh token, and extends the session. */
    const refresh = Effect.fn("Sessions.refresh")(function* (refreshToken: string) {
      const at = yield* DateTime.nowAsDate
      const hash = tokens.hash(refreshToken)
      const { sessionId, userId } = yield* validateRefreshToken(hash, at)
      const next = yield* tokens.generateSecret
      const consumed = yield* Effect.tap(repo.consumeRefreshToken(hash, at), (first) =>
        first ? repo.addRefreshToken(sessionId, next.hash, expiry(at)) : Effect.void,
      ).pipe(transaction)
      if (!consumed)
        return yield* validateRefreshToken(hash, at).pipe(Effect.zipRight(new InvalidRefreshToken()))
      const accessToken = yield* tokens.signAccessToken({ userId, sessionId }, accessTokenTtl)
      return { accessToken, refreshToken: next.value }
    })

    /** Issues a new access token and extends the session; the refresh token stays valid. */
    const renewAccessToken = Effect.fn("Sessions.renewAccessToken")(function* (refreshToken: string) {
      const at = yield* DateTime.nowAsDate
      const { sessionId, userId } = yield* validateRefreshToken(tokens.hash(refreshToken), at)
      yield* repo.extendExpiry(sessionId, expiry(at))
      return yield* tokens.signAccessToken({ userId, sessionId }, accessTokenTtl)
    })

    /** Extends the actor's session and returns when it expires. Writes at most once a day. */
    const extend = Effect.fn("Sessions.extend")(function* ({ sessionId }: Actor) {
      const latest = expiry(yield* DateTime.nowAsDate)
      const { expiresAt } = yield* Effect.orDie(yield* repo.findExpiry(sessionId))
      if (latest.getTime() - expiresAt.getTime() < Duration.toMillis("1 day")) return expiresAt
      yield* repo.extendExpiry(sessionId, latest)
      return latest
    })

    const orUnauthenticated = (actor: Option.Option<Actor>) =>
      Effect.mapError(actor, () => new Unauthenticated())

    /** Returns the actor of an API key, and records its use in the background. */
    const authenticateApiKey = Effect.fnUntraced(function* (apiKey: string) {
      const hash = tokens.hash(apiKey)
      const touch = (id: SessionId, at: Date) =>
        repo.touchApiKey(id, at).pipe(
          Effect.catchAllCause((cause) => Effect.logWarning("recording the use of an API key failed", cause)),
          Effect.forkIn(scope),
        )
      const lookup = Effect.flatMap(DateTime.nowAsDate, (at) =>
        Effect.tap(repo.findApiKeyActor({ hash }, at), (actor) =>
          Option.match(actor, { onNone: () => Effect.void, onSome: ({ sessionId }) => touch(sessionId, at) }),
        ),
      )
      return yield* Effect.flatMap(cache.get(Encoding.encodeHex(hash), lookup), orUnauthenticated)
    })

    /** Returns the actor of an API key, or of an access token whose session is active. */
    const authenticate = Effect.fnUntraced(
      function* (accessToken: string) {
        if (accessToken.startsWith(apiKeyPrefix)) return yield* authenticateApiKey(accessToken)
        const { sessionId } = yield* tokens.verifyAccessToken(accessToken)
        const lookup = Effect.flatMap(DateTime.nowAsDate, (at) => repo.findActor({ id: sessionId }, at))
        return yield* Effect.flatMap(cache.get(sessionId, lookup), orUnauthenticated)
      },
      Effect.catchTag("InvalidToken", () => new Unauthenticated()),
    )

    /** Returns the actor of a session cookie whose session is active. */
    const authenticateCookie = Effect.fnUntraced(function* (cookie: string) {
      const cookieHash = tokens.hash(cookie)
      const lookup = Effect.flatMap(DateTime.nowAsDate, (at) => repo.findActor({ cookieHash }, at))
      return yield* Effect.flatMap(cache.get(Encoding.encodeHex(cookieHash), lookup), orUnauthenticated)
    })

    /** Tells every node that a session is revoked, or an API key deleted, so that nothing goes on with it. */
    const notifyRevoked = (id: SessionId) =>
      Effect.zipRight(cache.evictSession(id), notifications.publish("session_revoked", `session:${id}`))

    /** Revokes a session on every node at once, even if the caller is interrupted. Idempotent. */
    const revoke = Effect.fn("Sessions.revoke")(function* (id: SessionId) {
      yield* Effect.ensuring(repo.revoke(id, yield* DateTime.nowAsDate), cache.evictSession(id))
      yield* notifyRevoked(id)
    }, Effect.uninterruptible)

    /**
     * Revokes a user's sessions, optionally except one. The published notification closes their streams
     * and sockets (http/middleware/SessionRevocation.ts). Within a transaction, call `invalidate` after it
     * ends.
     */
    const revokeAll = Effect.fn("Sessions.revokeAll")(function* (
      userId: UserId,
      options?: { readonly except: SessionId },
    ) {
      yield* repo.revokeAll(userId, options?.except ?? null, yield* DateTime.nowAsDate)
      yield* notifications.publish("session_revoked", `user:${userId}`)
      yield* cache.evictUser(userId)
    })

    /** Has every node read a user's role again. Within a transaction, call `invalidate` after it ends. */
    const notifyRoleChanged = (userId: UserId) => notifications.publish("session_revoked", `user:${userId}`)

    /** Queries the database, not the cache, whether the actor's session or API key is active with this role. */
    const isActive = Effect.fn("Sessions.isActive")(function* ({ sessionId: id, scopes, role }: Actor) {
      const now = yield* DateTime.nowAsDate
      const actor: Option.Option<Pick<Actor, "role">> =
        scopes === undefined ? yield* repo.findActor({ id }, now) : yield* repo.findApiKeyActor({ id }, now)
      return Option.exists(actor, (current) => current.role === role)
    })

    /**
     * Emits, for every revocation on any node, a predicate that selects the actors whose session may
     * be revoked, for holders of long-lived connections.
     */
    const revocations = Stream.map(notifications.subscribe("session_revoked"), (notification) => {
      if (notification._tag === "Gap") return () => true
      const [kind, id] = notification.payload.split(":", 2)
      return (actor: Actor) => (kind === "session" ? actor.sessionId : actor.userId) === id
    })

    const onRevocation = (notification: Notification) => {
      if (notification._tag === "Gap") return cache.evictAll
      const [kind, id] = notification.payload.split(":", 2)
      return kind === "session"
        ? cache.evictSession(SessionId.make(id ?? ""))
        : cache.evictUser((id ?? "") as UserId)
    }
    yield* Stream.runForEach(notifications.subscribe("session_revoked"), onRevocation).pipe(Effect.forkScoped)

    yield* Effect.flatMap(DateTime.nowAsDate, repo.purge).pipe(
      Effect.catchAllCause((cause) =>
        Effect.logWarning("deleting expired sessions failed; retrying later", cause),
      ),
      Effect.repeat(Schedule.spaced(Duration.hours(1))),
      Effect.forkScoped,
    )

    return {
      create,
      createForPassword,
      refresh,
      renewAccessToken,
      extend,
      authenticate,
      authenticateCookie,
      isActive,
      revocations,
      revoke,
      notifyRevoked,
      notifyRoleChanged,
      revokeAll,
      invalidate: cache.evictUser,
    }
  }),
}) {}
