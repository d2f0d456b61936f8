import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { ConversationId } from "../../domain/conversations/Conversations/Model"
import { UserId } from "../../domain/shared/Actor"
import { CommonError, commonErrorBody, type ErrorBody } from "../../http/ErrorBody"
import { example } from "../../http/Example"
import { Timestamp } from "../../http/Params"

/** Returns the schema of a successful response, `{data, statusCode, timestamp}`. `description` describes the data. */
export const enveloped = <A, I, R>(description: string, data: Schema.Schema<A, I, R>, status = 200) =>
  Schema.transform(
    Schema.Struct({
      data,
      statusCode: Schema.Literal(status),
      timestamp: Timestamp,
    }),
    Schema.typeSchema(data),
    {
      strict: true,
      decode: (body) => body.data,
      encode: (value) => ({ data: value, statusCode: status, timestamp: new Date().toISOString() }),
    },
  ).annotations({ description })

const ErrorResponse = Schema.Struct({
  ...CommonError.fields,
  statusCode: Schema.Int,
  timestamp: Timestamp,
  message: Schema.String,
}).annotations({ identifier: "ChatGuideError" })

/** The error body of this contract: the common fields and the envelope's. */
export const errorBody: ErrorBody<typeof ErrorResponse.Type> = {
  schema: ErrorResponse,
  make: (error, requestId, time) => ({
    ...commonErrorBody.make(error, requestId, time),
    statusCode: error.status,
    timestamp: time.toISOString(),
    message: error.message,
  }),
}

const identity = { id: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01", email: "ada@example.com" }
const fullName = "Ada Lovelace"
const createdAt = "2026-01-15T09:30:00.000Z"

const AuthUser = Schema.Struct({
  id: UserId,
  email: Schema.String,
  email_confirmed_at: Schema.NullOr(Timestamp),
  created_at: Timestamp,
  user_metadata: Schema.Struct({ fullName: Schema.String }),
}).annotations({
  identifier: "AuthUser",
  ...example({
    ...identity,
    email_confirmed_at: createdAt,
    created_at: createdAt,
    user_metadata: { fullName },
  }),
})

export const SignedUp = Schema.Struct({
  user: AuthUser,
  dbUser: Schema.Struct({
    id: UserId,
    supabaseId: UserId,
    email: Schema.String,
    fullName: Schema.String,
  }).annotations(example({ ...identity, supabaseId: identity.id, fullName })),
  message: Schema.String.annotations(
    example("Sign up successful. Please check your email to verify your account."),
  ),
})

export const SignedInBody = Schema.Struct({
  accessToken: Schema.String.annotations({
    description: "A bearer token, valid for 15 minutes",
    ...example("eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJpc3MiOiJwYXJsZXkifQ.0m3zV5nEa1s"),
  }),
  refreshToken: Schema.String.annotations({
    description: "Single-use; exchange it for new tokens at POST /api/auth/refresh",
    ...example("qZ0c8Xh3yQm5Wf7sJ1uTn9vBk2rLd4pGe6aYoIxSwDE"),
  }),
  user: AuthUser,
})

export const Profile = Schema.Struct({
  id: UserId,
  email: Schema.String,
  emailVerified: Schema.Boolean,
  emailVerifiedAt: Schema.NullOr(Timestamp),
  fullName: Schema.String,
  metadata: Schema.Struct({ fullName: Schema.String }),
  dbUser: Schema.Struct({
    id: UserId,
    supabaseId: UserId,
    email: Schema.String,
    emailVerified: Schema.Boolean,
    fullName: Schema.String,
    createdAt: Timestamp,
  }),
}).annotations({
  identifier: "ChatGuideProfile",
  ...example({
    ...identity,
    emailVerified: true,
    emailVerifiedAt: createdAt,
    fullName,
    metadata: { fullName },
    dbUser: { ...identity, supabaseId: identity.id, emailVerified: true, fullName, createdAt },
  }),
})

/** An example of a chat's id. */
export const exampleChatId = "019bc0f1-2b47-7c3a-9d52-3a9cf5520012"

/** The path parameter of operations on a chat. */
export const chatId = HttpApiSchema.param(
  "id",
  ConversationId.annotations({ description: "The chat's id", ...example(exampleChatId) }),
)
