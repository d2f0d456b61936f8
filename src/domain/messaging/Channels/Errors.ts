import { Data } from "effect"

/** Who is added to a channel of an organization must be its member. */
export class NotInOrganization extends Data.TaggedError("NotInOrganization") {
  override get message() {
    return "This user is not a member of the channel's organization."
  }
}
