import { Schema } from "effect"
import type { User } from "../../domain/identity/Users/Model"
import type { UsageAccount } from "../../domain/operations/Usage/Model"

export const Profile = Schema.Struct({
  display_name: Schema.String,
  avatar_url: Schema.NullOr(Schema.String),
  bio: Schema.String,
})

export const toProfile = ({ name, avatarUrl, bio }: User) => ({
  display_name: name,
  avatar_url: avatarUrl,
  bio,
})

export const UserUsage = Schema.Struct({
  messages_sent: Schema.Int,
  tokens_used: Schema.Int,
  tokens_limit: Schema.Int.annotations({ description: "-1: no limit" }),
})

export const toUsage = ({ messagesSent, tokensUsed, tokensLimit }: UsageAccount) => ({
  messages_sent: messagesSent,
  tokens_used: tokensUsed,
  tokens_limit: tokensLimit,
})
