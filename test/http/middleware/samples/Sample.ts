import type { Effect } from "effect"
import type { Assistants } from "../../../../src/domain/assistants/Assistants"
import type { Users } from "../../../../src/domain/identity/Users"
import type { App, TestUser } from "../../../support/App"

/** Valid input for an operation, and who is allowed to call it. */
export interface Sample {
  readonly body?: Readonly<Record<string, unknown>>
  /** Fields of the body that may be null. */
  readonly nullable?: ReadonlyArray<string>
  /** Fields of the body that accept texts of 300,000 characters. */
  readonly long?: ReadonlyArray<string>
  /** The query with its question mark; may have parameters like a path: `?id=:id`. */
  readonly query?: string
  /** Creates a resource of this user, or a public one; returns the values of the parameters in their order. */
  readonly ids?: (
    owner: TestUser,
  ) => Effect.Effect<string | ReadonlyArray<string>, never, App | Users | Assistants>
  /**
   * `owner` by default: other users receive 404. `everyone`: all authenticated users. `admin`: other users
   * receive 403.
   */
  readonly allowedFor?: "owner" | "everyone" | "admin"
  /** The status of the owner's request, where a body that is the same for all tests cannot succeed. */
  readonly ownerReceives?: number
}
