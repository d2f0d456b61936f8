import { Schema } from "effect"
import { Role, UserId } from "../../domain/shared/Actor"
import { renamed } from "../../http/Fields"

/** The fields of every body of a user. `profile` and `usage` select fields of the user itself. */
export const userFields = {
  id: UserId,
  email: Schema.String,
  role: Role,
  profile: Schema.Struct({
    name: renamed("display_name", Schema.String),
    avatarUrl: renamed("avatar_url", Schema.NullOr(Schema.String)),
    bio: Schema.String,
  }),
  usage: Schema.Struct({
    messagesSent: renamed("messages_sent", Schema.Int),
    tokensUsed: renamed("tokens_used", Schema.Int),
    tokensLimit: renamed("tokens_limit", Schema.Int.annotations({ description: "-1 for no limit" })),
  }),
  createdAt: renamed("created_at", Schema.Date),
}

/** An example with `userFields`. */
export const userExample = {
  id: "019bc0f1-2c34-7c3a-9d52-340b26cda04c",
  email: "jane@example.com",
  role: "user",
  profile: { display_name: "Jane Roe", avatar_url: null, bio: "" },
  usage: { messages_sent: 1, tokens_used: 8, tokens_limit: -1 },
  created_at: "2026-01-15T10:03:43.000Z",
}
