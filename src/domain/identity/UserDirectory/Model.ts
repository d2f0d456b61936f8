import type { UsageAccount } from "../../operations/Usage/Model"
import type { User } from "../Users/Model"

/** A user with their usage account, as administrators see them. */
export type UserWithUsage = User & UsageAccount

/** A user with their usage account and the numbers of their conversations and assistants. */
export interface UserWithCounts extends UserWithUsage {
  readonly conversationCount: number
  readonly assistantCount: number
}

/** Selects users. `search` matches email address or name literally and case-insensitively. */
export interface UserFilter {
  readonly includeBanned: boolean
  readonly search?: string | undefined
}
