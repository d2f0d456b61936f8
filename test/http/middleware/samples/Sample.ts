import type { Effect } from "effect"
import type { Assistants } from "../../../../src/domain/assistants/Assistants"
import type { Users } from "../../../../src/domain/identity/Users"
import type { App, TestUser } from "../../../support/App"

/** What is good for an operation, and who may do it. */
export interface Sample {
  readonly body?: Readonly<Record<string, unknown>>
  /** Fields of the body that may be null. */
  readonly nullable?: ReadonlyArray<string>
  readonly query?: string
  /** Makes something of this person's own, or of everyone's, and gives its id: the path's first parameter. */
  readonly ids?: (owner: TestUser) => Effect.Effect<string, never, App | Users | Assistants>
  /**
   * `owner`, as a rule: whose it is, while strangers find nothing. `everyone` who is signed in. Or
   * `admin`: administrators only, others are told so.
   */
  readonly may?: "owner" | "everyone" | "admin"
}
