import { Schema } from "effect"
import { UsageAccount } from "../../operations/Usage/Model"
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

/** Selects users. `search` matches email address or name literally and case-insensitively. */
export interface UserFilter {
  readonly includeBanned: boolean
  readonly search?: string | undefined
}
