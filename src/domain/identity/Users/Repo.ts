import { SqlClient } from "@effect/sql"
import { Effect, Option, Schema } from "effect"
import type { UserId } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import { execute, findOne, hasRow, isUniqueAfter } from "../../shared/Rows"
import type { StoredStatus } from "../AccountStatus"
import { type ProfileChange, type SettingsChange, User, type UserKey } from "./Model"

const UserWithPassword = Schema.Struct({
  ...User.fields,
  passwordHash: Schema.String,
  mfaEnabled: Schema.Boolean,
})

export class UsersRepo extends Effect.Service<UsersRepo>()("UsersRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(
      `id, email, username, name, role, avatar_url as "avatarUrl", bio, theme,
       notifications_enabled as "notificationsEnabled", language, email_verified_at as "emailVerifiedAt",
       status, status_reason as "statusReason", status_since as "statusSince",
       status_until as "statusUntil", created_at as "createdAt"`,
    )

    /** Inserts a user. Returns false if the email address or the username is taken. */
    const insert = (user: User, passwordHash: string) =>
      sql`
        insert into users (id, email, username, name, role, password_hash, email_verified_at, created_at)
        values (${user.id}, ${user.email}, ${user.username}, ${user.name}, ${user.role}, ${passwordHash},
                ${user.emailVerifiedAt}, ${user.createdAt})
        on conflict do nothing
        returning id`.pipe(hasRow)

    const isEmailTaken = (email: string) => sql`select id from users where email = ${email}`.pipe(hasRow)

    /** Whether an organization has invited the address. */
    const isInvited = (email: string, now: Date) =>
      sql`
        select id from invites where email = ${email} and status = 'pending' and expires_at > ${now} limit 1`.pipe(
        hasRow,
      )

    const find = (id: UserId) =>
      sql`select ${columns} from users where id = ${uuidOrNull(id)}`.pipe(findOne(User))

    const hasKey = (key: UserKey | { readonly id: UserId }) => {
      if ("id" in key) return sql`id = ${uuidOrNull(key.id)}`
      return "email" in key ? sql`email = ${key.email}` : sql`lower(username) = lower(${key.username})`
    }

    const findCredentials = (key: UserKey | { readonly id: UserId }) =>
      sql`
        select ${columns}, password_hash as "passwordHash", mfa_enabled as "mfaEnabled" from users where ${hasKey(key)}`.pipe(
        findOne(UserWithPassword),
        Effect.map(
          Option.map(({ passwordHash, mfaEnabled, ...user }) => ({ user, passwordHash, mfaEnabled })),
        ),
      )

    /** Replaces a password hash. Returns false if it is no longer `from`: a concurrent change came first. */
    const replacePassword = (id: UserId, from: string, to: string) =>
      sql`
        update users set password_hash = ${to} where id = ${id} and password_hash = ${from} returning id`.pipe(
        hasRow,
      )

    /** Updates the provided fields. An `avatarUrl` of null removes the avatar; undefined leaves it unchanged. */
    const updateProfile = (id: UserId, { name, bio, avatarUrl }: ProfileChange) =>
      sql`
        update users set
          name = coalesce(${name ?? null}, name), bio = coalesce(${bio ?? null}, bio),
          avatar_url = case when ${avatarUrl !== undefined} then ${avatarUrl ?? null} else avatar_url end
        where id = ${uuidOrNull(id)} returning ${columns}`.pipe(findOne(User))

    /** Changes a username. Returns false if it is taken. */
    const setUsername = (id: UserId, username: string) =>
      sql`update users set username = ${username} where id = ${id}`.pipe(isUniqueAfter)

    const updateSettings = (id: UserId, { theme, notificationsEnabled, language }: SettingsChange) =>
      sql`
        update users set
          theme = coalesce(${theme ?? null}, theme), language = coalesce(${language ?? null}, language),
          notifications_enabled = coalesce(${notificationsEnabled ?? null}, notifications_enabled)
        where id = ${id} returning ${columns}`.pipe(findOne(User))

    /** Finds a user and locks the row until the transaction ends. */
    const lock = (id: UserId) =>
      sql`select ${columns} from users where id = ${uuidOrNull(id)} for no key update`.pipe(findOne(User))

    /** Locks a user until the transaction ends, so that nothing new can belong to them. */
    const lockForDeletion = (id: UserId) =>
      sql`select ${columns} from users where id = ${uuidOrNull(id)} for update`.pipe(findOne(User))

    const remove = (id: UserId) => sql`delete from users where id = ${id}`.pipe(execute)

    const setStatus = (id: UserId, { status, statusReason, statusSince, statusUntil }: StoredStatus) =>
      sql`
        update users set status = ${status}, status_reason = ${statusReason}, status_since = ${statusSince},
          status_until = ${statusUntil}
        where id = ${id}`.pipe(execute)

    return {
      insert,
      isEmailTaken,
      isInvited,
      find,
      findCredentials,
      replacePassword,
      updateProfile,
      setUsername,
      updateSettings,
      lock,
      lockForDeletion,
      remove,
      setStatus,
    }
  }),
}) {}
