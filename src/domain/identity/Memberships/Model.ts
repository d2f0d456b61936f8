import { Schema } from "effect"
import { UserId } from "../../shared/Actor"
import { Uuid } from "../../shared/Ids"

/** The id of something that has members; an organization's, team's or project's id is one. */
export const ScopeId = Uuid.pipe(Schema.brand("ScopeId"))
export type ScopeId = typeof ScopeId.Type

/** What a role may permit: to work in the scope, rename it, manage its members, delete it. Every member may read. */
export type Permission = "write" | "update" | "manage_members" | "delete"

/** The roles of each kind of scope, and what each role permits. A scope always has an owner. */
export const rolePermissions = {
  organization: {
    owner: ["write", "update", "manage_members", "delete"],
    admin: ["write", "update", "manage_members"],
    member: ["write"],
  },
  team: {
    owner: ["write", "update", "manage_members", "delete"],
    admin: ["write", "manage_members"],
    member: ["write"],
  },
  channel: {
    owner: ["write", "update", "manage_members", "delete"],
    admin: ["write", "update", "manage_members"],
    member: ["write"],
  },
  project: {
    owner: ["write", "update", "manage_members", "delete"],
    editor: ["write", "update"],
    viewer: [],
  },
} as const satisfies Record<string, Record<string, ReadonlyArray<Permission>>>

export type ScopeKind = keyof typeof rolePermissions
export const ScopeKind = Schema.Literal(...(Object.keys(rolePermissions) as Array<ScopeKind>))

export type RoleIn<K extends ScopeKind> = Extract<keyof (typeof rolePermissions)[K], string>

/** Makes the schema of the roles of a kind of scope. */
export const RoleIn = <K extends ScopeKind>(kind: K): Schema.SchemaClass<RoleIn<K>> =>
  Schema.Literal(...(Object.keys(rolePermissions[kind]) as Array<RoleIn<K>>))

/** Something that has members: an organization, a team, a channel, a project. */
export interface Scope<K extends ScopeKind = ScopeKind> {
  readonly kind: K
  readonly id: ScopeId
}

/** Makes the schema of a member: the membership with its user's public data. */
export const MemberOf = <K extends ScopeKind>(kind: K) =>
  Schema.Struct({
    /** The membership's id, not the user's. */
    id: Uuid,
    scopeId: ScopeId,
    userId: UserId,
    role: RoleIn(kind),
    name: Schema.String,
    email: Schema.String,
    avatarUrl: Schema.NullOr(Schema.String),
    joinedAt: Schema.DateFromSelf,
  })
export type Member<K extends ScopeKind = ScopeKind> = ReturnType<typeof MemberOf<K>>["Type"]

/** Names an existing user. */
export type UserKey = { readonly userId: UserId } | { readonly email: string }
