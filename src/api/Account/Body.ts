import { Schema } from "effect"
import { Role, UserId } from "../../domain/shared/Actor"
import { Timestamp } from "../../http/Params"

export const PublicUser = Schema.Struct({
  id: UserId,
  email: Schema.String,
  name: Schema.String,
  display_name: Schema.String,
  role: Role,
  avatar_url: Schema.NullOr(Schema.String),
}).annotations({ identifier: "User" })

/** The access token, under every name that the documents use. */
export const accessToken = {
  token: Schema.String.annotations({ description: "The access token, to be sent as a bearer token" }),
  access_token: Schema.String.annotations({ description: "Alias of `token`" }),
  token_type: Schema.Literal("Bearer"),
  expires_in: Schema.Int.annotations({ description: "Lifetime of the access token in seconds" }),
}

export const refreshToken = {
  refresh_token: Schema.String.annotations({
    description: "Single-use; exchange it for new tokens at /api/auth/refresh",
  }),
  refreshToken: Schema.String.annotations({ description: "Alias of `refresh_token`" }),
}

export const Me = Schema.Struct({
  id: UserId,
  email: Schema.String,
  role: Role,
  profile: Schema.Struct({
    display_name: Schema.String,
    avatar_url: Schema.NullOr(Schema.String),
    bio: Schema.String,
  }),
  settings: Schema.Struct({
    theme: Schema.String,
    notifications_enabled: Schema.Boolean,
    language: Schema.String,
  }),
  usage: Schema.Struct({
    messages_sent: Schema.Int,
    tokens_used: Schema.Int,
    tokens_limit: Schema.Int.annotations({ description: "-1 for no limit" }),
  }),
  created_at: Timestamp,
}).annotations({ identifier: "Me", description: "The authenticated user" })
