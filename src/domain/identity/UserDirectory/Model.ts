import { Schema } from "effect"
import { UsageAccount } from "../../operations/Usage/Model"
import { Role } from "../../shared/Actor"
import type { AccountStatus } from "../AccountStatus"
import { User } from "../Users/Model"

/** A user with their usage account, as administrators see them. */
export const UserWithUsage = Schema.Struct({ ...User.fields, ...UsageAccount.fields })
export type UserWithUsage = typeof UserWithUsage.Type

/** A user with their usage account and the numbers of their conversations and assistants. */
export const UserWithCounts = Schema.Struct({
  ...UserWithUsage.fields,
  conversationCount: Schema.Int,
  assistantCount: Schema.Int,
})
export type UserWithCounts = typeof UserWithCounts.Type

/** A user as others see them. `email` and `role` are null unless the viewer is the user or an administrator. */
export const VisibleUser = Schema.Struct({
  ...User.pick("id", "username", "name", "avatarUrl", "bio", "createdAt").fields,
  email: Schema.NullOr(Schema.String),
  role: Schema.NullOr(Role),
})
export type VisibleUser = typeof VisibleUser.Type

/** Selects users. `search` matches email address, username or name literally and case-insensitively. */
export interface UserFilter {
  readonly includeBanned: boolean
  readonly search?: string | undefined
  readonly status?: AccountStatus | undefined
  readonly role?: Role | undefined
}
