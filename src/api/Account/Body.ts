import { Schema } from "effect"
import { Role, UserId } from "../../domain/shared/Actor"
import { example } from "../../http/Example"
import { Timestamp } from "../../http/Params"

const identity = { id: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01", email: "ada@example.com" }

const token = "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJpc3MiOiJwYXJsZXkifQ.0m3zV5nEa1s"

export const PublicUser = Schema.Struct({
  id: UserId,
  email: Schema.String,
  name: Schema.String,
  display_name: Schema.String,
  role: Role,
  avatar_url: Schema.NullOr(Schema.String),
  avatar: Schema.NullOr(Schema.String).annotations({ description: "Alias of `avatar_url`" }),
  created_at: Schema.Date,
  createdAt: Schema.Date.annotations({ description: "Alias of `created_at`" }),
}).annotations({
  identifier: "User",
  ...example({
    ...identity,
    name: "Ada Lovelace",
    display_name: "Ada Lovelace",
    role: "user",
    avatar_url: null,
    avatar: null,
    created_at: "2026-01-15T09:30:00.000Z",
    createdAt: "2026-01-15T09:30:00.000Z",
  }),
})

/** The access token, under every name that the documents use. */
export const accessToken = {
  token: Schema.String.annotations({
    description: "The access token, to be sent as a bearer token",
    ...example(token),
  }),
  access_token: Schema.String.annotations({ description: "Alias of `token`", ...example(token) }),
  token_type: Schema.Literal("Bearer"),
  expires_in: Schema.Int.annotations({
    description: "Lifetime of the access token in seconds",
    ...example(900),
  }),
}

export const refreshToken = {
  refresh_token: Schema.String.annotations({
    description: "Single-use; exchange it for new tokens at /api/auth/refresh",
    ...example("qZ0c8Xh3yQm5Wf7sJ1uTn9vBk2rLd4pGe6aYoIxSwDE"),
  }),
  refreshToken: Schema.String.annotations({
    description: "Alias of `refresh_token`",
    ...example("qZ0c8Xh3yQm5Wf7sJ1uTn9vBk2rLd4pGe6aYoIxSwDE"),
  }),
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
}).annotations({
  identifier: "Me",
  description: "The authenticated user",
  ...example({
    ...identity,
    role: "user",
    profile: { display_name: "Ada Lovelace", avatar_url: null, bio: "" },
    settings: { theme: "system", notifications_enabled: true, language: "en" },
    usage: { messages_sent: 12, tokens_used: 4210, tokens_limit: -1 },
    created_at: "2026-01-15T09:30:00.000Z",
  }),
})
