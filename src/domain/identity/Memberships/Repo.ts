import { SqlClient } from "@effect/sql"
import { Effect, Option, Schema } from "effect"
import { UserId } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit } from "../../shared/Page"
import { execute, findAll, findColumn, findOne, findPage, hasRow } from "../../shared/Rows"
import { MemberOf, RoleIn, type Scope, ScopeId, ScopeKind, type UserKey } from "./Model"

const ScopeRow = Schema.Struct({ id: ScopeId, kind: ScopeKind })

export class MembershipsRepo extends Effect.Service<MembershipsRepo>()("MembershipsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** Inserts a scope, optionally inside of another one, with which it will be deleted. */
    const insertScope = ({ kind, id }: Scope, parentId: ScopeId | null) =>
      sql`insert into scopes (id, kind, parent_id) values (${id}, ${kind}, ${parentId})`.pipe(execute)

    const deleteScope = (id: ScopeId) => sql`delete from scopes where id = ${id}`.pipe(execute)

    /** Locks a scope until the transaction ends. Returns false if there is none of this kind. */
    const lockScope = ({ kind, id }: Scope, mode: "for update" | "for key share") =>
      sql`
        select id from scopes
        where id = ${uuidOrNull(id)} and kind = ${kind} ${sql.literal(mode)}`.pipe(hasRow)

    const findRole = <K extends ScopeKind>({ kind, id }: Scope<K>, userId: UserId) =>
      sql`
        select m.role from memberships m join scopes s on s.id = m.scope_id
        where s.id = ${uuidOrNull(id)} and s.kind = ${kind} and m.user_id = ${userId}`.pipe(
        findOne(Schema.Struct({ role: RoleIn(kind) })),
        Effect.map(Option.map(({ role }): RoleIn<K> => role)),
      )

    const columns = sql.literal(
      `m.id, m.scope_id as "scopeId", m.user_id as "userId", m.role, u.name, u.email,
       u.avatar_url as "avatarUrl", m.created_at as "joinedAt"`,
    )

    const findMember = <K extends ScopeKind>({ kind, id }: Scope<K>, userId: UserId) =>
      sql`
        select ${columns} from memberships m join users u on u.id = m.user_id
        where m.scope_id = ${id} and m.user_id = ${uuidOrNull(userId)}`.pipe(findOne(MemberOf(kind)))

    /** Lists members in the order in which they joined. */
    const list = <K extends ScopeKind>({ kind, id }: Scope<K>, range?: OffsetLimit) =>
      sql`
        select (select count(*)::int from memberships where scope_id = ${id}) as total, page.*
        from (select) one_row left join (
          select ${columns} from memberships m join users u on u.id = m.user_id where m.scope_id = ${id}
          order by m.created_at, m.id limit ${range?.limit ?? null} offset ${range?.offset ?? 0}
        ) page on true
        order by page."joinedAt", page.id`.pipe(findPage(MemberOf(kind)))

    /** Lists the users who are members, for notifications. */
    const memberIds = (id: ScopeId) =>
      sql`select user_id as "userId" from memberships where scope_id = ${id}`.pipe(
        findColumn("userId", UserId),
      )

    /** Returns whether someone else than this user owns the scope. */
    const hasOtherOwner = ({ id }: Scope, userId: UserId) =>
      sql`
        select id from memberships
        where scope_id = ${id} and role = 'owner' and user_id <> ${userId} limit 1`.pipe(hasRow)

    /** Lists the scopes inside of this one; with a user, those that they are a member of. */
    const innerScopes = ({ id }: Scope, userId?: UserId) =>
      sql`
        select id, kind from scopes s where parent_id = ${id}
          ${
            userId === undefined
              ? sql``
              : sql`and exists (select from memberships m where m.scope_id = s.id and m.user_id = ${userId})`
          }
        order by id`.pipe(findAll(ScopeRow))

    /** Lists the scopes that a user is a member of, outer ones first, and locks them until the transaction ends. */
    const lockScopesOf = (userId: UserId) =>
      sql`
        select s.id, s.kind from scopes s join memberships m on m.scope_id = s.id
        where m.user_id = ${userId} order by s.parent_id is not null, s.id for update of s`.pipe(
        findAll(ScopeRow),
      )

    /** Finds the member who has been an administrator for longest, or else a member, other than this user. */
    const findSuccessor = ({ id }: Scope, userId: UserId) =>
      sql`
        select user_id as "userId", id from memberships where scope_id = ${id} and user_id <> ${userId}
        order by case role when 'owner' then 0 when 'admin' then 1 when 'editor' then 1 else 2 end, created_at, id limit 1`.pipe(
        findOne(Schema.Struct({ userId: UserId, id: Schema.String })),
      )

    /** Finds a user, and keeps the account from being deleted until the transaction ends. */
    const findUser = (key: UserKey) =>
      sql`
        select id from users
        where ${"email" in key ? sql`email = ${key.email}` : sql`id = ${uuidOrNull(key.userId)}`}
        for key share`.pipe(findOne(Schema.Struct({ id: UserId })))

    /** Inserts a membership. Returns false if the user is a member already. */
    const insert = (id: string, scopeId: ScopeId, userId: UserId, role: string, createdAt: Date) =>
      sql`
        insert into memberships (id, scope_id, user_id, role, created_at)
        values (${id}, ${scopeId}, ${userId}, ${role}, ${createdAt})
        on conflict (scope_id, user_id) do nothing
        returning id`.pipe(hasRow)

    const updateRole = (id: string, role: string) =>
      sql`update memberships set role = ${role} where id = ${id}`.pipe(execute)

    const remove = (id: string) => sql`delete from memberships where id = ${id}`.pipe(execute)

    return {
      insertScope,
      deleteScope,
      lockScope,
      findRole,
      findMember,
      list,
      memberIds,
      hasOtherOwner,
      innerScopes,
      lockScopesOf,
      findSuccessor,
      findUser,
      insert,
      updateRole,
      remove,
    }
  }),
}) {}
