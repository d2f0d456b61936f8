import { Schema } from "effect"
import { Role, UserId } from "../../domain/shared/Actor"
import { CommonError, commonError, type ErrorShape } from "../../http/ErrorBody"
import { Timestamp } from "../../http/Params"

/** Every error of this contract: `{error, code, details?, requestId}`. */
export const errorShape: ErrorShape<typeof CommonError.Type> = {
  schema: CommonError.annotations({ identifier: "Error" }),
  body: commonError,
}

export const PublicUser = Schema.Struct({
  id: UserId,
  email: Schema.String,
  name: Schema.String,
  display_name: Schema.String,
  role: Role,
  avatar_url: Schema.NullOr(Schema.String),
}).annotations({ identifier: "User" })

/** An access token under the names that the documents give it. */
export const accessToken = {
  token: Schema.String.annotations({ description: "The access token: a bearer token" }),
  access_token: Schema.String.annotations({ description: "The same" }),
  token_type: Schema.Literal("Bearer"),
  expires_in: Schema.Int.annotations({ description: "Seconds the access token holds" }),
}

export const refreshToken = {
  refresh_token: Schema.String.annotations({ description: "Good once, for a new pair at /api/auth/refresh" }),
  refreshToken: Schema.String.annotations({ description: "The same" }),
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
    tokens_limit: Schema.Int.annotations({ description: "-1: no limit" }),
  }),
  created_at: Timestamp,
}).annotations({ identifier: "Me", description: "The user who asks" })
