import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import { ApiKeyScope, Role, SessionId, UserId } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import { execute, findOne, hasRow } from "../../shared/Rows"
import { isActiveAt } from "../AccountStatus"
import type { Session } from "./Model"

const ActorRow = Schema.Struct({
  sessionId: SessionId,
  userId: UserId,
  role: Role,
  expiresAt: Schema.DateFromSelf,
})

/** An actor whom an API key authenticates, which may never expire. */
const ApiKeyActorRow = Schema.Struct({
  ...ActorRow.fields,
  scopes: Schema.Array(ApiKeyScope),
  expiresAt: Schema.NullOr(Schema.DateFromSelf),
})

/** A refresh token of an active session, and whether it was used before. */
const RefreshTokenRow = Schema.Struct({ sessionId: SessionId, userId: UserId, used: Schema.Boolean })

const ExpiryRow = Schema.Struct({ expiresAt: Schema.DateFromSelf })

export class SessionsRepo extends Effect.Service<SessionsRepo>()("SessionsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** Builds the condition that session `s` is neither revoked nor expired and its user `u` is active. */
    const isActive = (now: Date) =>
      sql`s.revoked_at is null and s.expires_at > ${now} and ${isActiveAt(sql, now)}`

    /**
     * Inserts a session and its first refresh token. Returns false if the user does not exist or, with
     * `passwordHash`, has another password by now, is not active or needs a second factor. The user's row is
     * locked, so that a concurrent change of password, status or methods sees the session and revokes it.
     */
    const insert = (
      session: Session,
      cookieHash: Uint8Array,
      refreshHash: Uint8Array,
      passwordHash: string | undefined,
      withSecondFactor: boolean,
    ) =>
      sql`
        with eligible_user as (
          select id from users u where id = ${session.userId} and ${
            passwordHash === undefined
              ? sql`true`
              : sql`password_hash = ${passwordHash} and (not mfa_enabled or ${withSecondFactor})
                    and ${isActiveAt(sql, session.createdAt)}`
          }
          for share
        ), session as (
          insert into sessions (id, user_id, cookie_hash, created_at, expires_at)
          select ${session.id}::uuid, id, ${cookieHash}::bytea,
                 ${session.createdAt}::timestamptz, ${session.expiresAt}::timestamptz from eligible_user
          returning id
        )
        insert into refresh_tokens (hash, session_id) select ${refreshHash}, id from session
        returning session_id`.pipe(hasRow)

    const findActor = (key: { readonly id: SessionId } | { readonly cookieHash: Uint8Array }, now: Date) =>
      sql`
        select s.id as "sessionId", s.user_id as "userId", u.role, s.expires_at as "expiresAt"
        from sessions s join users u on u.id = s.user_id
        where ${"id" in key ? sql`s.id = ${uuidOrNull(key.id)}` : sql`s.cookie_hash = ${key.cookieHash}`}
          and ${isActive(now)}`.pipe(findOne(ActorRow))

    /** Finds the actor of an active API key: an administrator only if the user is one and the key says so. */
    const findApiKeyActor = (key: { readonly id: SessionId } | { readonly hash: Uint8Array }, now: Date) =>
      sql`
        select k.id as "sessionId", k.user_id as "userId", k.scopes, k.expires_at as "expiresAt",
               case when 'admin' = any(k.scopes) then u.role else 'user' end as role
        from api_keys k join users u on u.id = k.user_id
        where ${"id" in key ? sql`k.id = ${uuidOrNull(key.id)}` : sql`k.key_hash = ${key.hash}`}
          and (k.expires_at is null or k.expires_at > ${now}) and ${isActiveAt(sql, now)}`.pipe(
        findOne(ApiKeyActorRow),
      )

    /** Records when an API key was used, at most once a minute. */
    const touchApiKey = (id: SessionId, now: Date) =>
      sql`
        update api_keys set last_used_at = ${now}
        where id = ${id} and (last_used_at is null or last_used_at <= ${now}::timestamptz - interval '1 minute')`.pipe(
        execute,
      )

    /** Marks an unused token as used. Returns false if it is used already: of concurrent calls one succeeds. */
    const consumeRefreshToken = (hash: Uint8Array, now: Date) =>
      sql`
        update refresh_tokens set used_at = ${now} where hash = ${hash} and used_at is null
        returning session_id as "sessionId"`.pipe(hasRow)

    const findRefreshToken = (hash: Uint8Array, now: Date) =>
      sql`
        select s.id as "sessionId", s.user_id as "userId", r.used_at is not null as used
        from refresh_tokens r join sessions s on s.id = r.session_id join users u on u.id = s.user_id
        where r.hash = ${hash} and ${isActive(now)}`.pipe(findOne(RefreshTokenRow))

    const findExpiry = (id: SessionId) =>
      sql`select expires_at as "expiresAt" from sessions where id = ${id}`.pipe(findOne(ExpiryRow))

    const extendExpiry = (id: SessionId, expiresAt: Date) =>
      sql`update sessions set expires_at = ${expiresAt} where id = ${id}`.pipe(execute)

    const addRefreshToken = (sessionId: SessionId, hash: Uint8Array, expiresAt: Date) =>
      sql`
        with session as (
          update sessions set expires_at = ${expiresAt} where id = ${sessionId} returning id
        )
        insert into refresh_tokens (hash, session_id) select ${hash}, id from session`.pipe(execute)

    const revoke = (id: SessionId, now: Date) =>
      sql`update sessions set revoked_at = ${now} where id = ${id} and revoked_at is null`.pipe(execute)

    const revokeAll = (userId: UserId, except: SessionId | null, now: Date) =>
      sql`update sessions set revoked_at = ${now}
          where user_id = ${userId} and revoked_at is null and id is distinct from ${except}`.pipe(execute)

    /** Deletes the sessions that expired before `before` with their refresh tokens. */
    const purge = (before: Date) => sql`delete from sessions where expires_at < ${before}`.pipe(execute)

    return {
      insert,
      findActor,
      findApiKeyActor,
      touchApiKey,
      consumeRefreshToken,
      findRefreshToken,
      findExpiry,
      extendExpiry,
      addRefreshToken,
      revoke,
      revokeAll,
      purge,
    }
  }),
}) {}
