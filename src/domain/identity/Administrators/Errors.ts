import { Data } from "effect"

/** A change that would leave the server without an administrator, or one who cannot act. */
export class RoleChangeNotAllowed extends Data.TaggedError("RoleChangeNotAllowed")<{
  readonly reason: string
}> {
  override get message() {
    return this.reason
  }
}
