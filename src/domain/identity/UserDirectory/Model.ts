import type { UsageAccount } from "../../operations/Usage/Model"
import type { User } from "../Users/Model"

/** A user as administrators see them. */
export type Person = User & UsageAccount

/** The same, with how much they have made. */
export interface PersonDetails extends Person {
  readonly conversationCount: number
  readonly assistantCount: number
}

/** Which people to list. `search` is text to find in address or name as it stands, in any case. */
export interface PeopleFilter {
  readonly includeBanned: boolean
  readonly search?: string | undefined
}
