import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { ConversationId } from "../../domain/conversations/Conversations/Model"
import { UserId } from "../../domain/shared/Actor"
import { CommonError, commonErrorBody, type ErrorBody } from "../../http/ErrorBody"
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
  make: (error, requestId) => ({
    ...commonErrorBody.make(error, requestId),
    statusCode: error.status,
    timestamp: new Date().toISOString(),
    message: error.message,
  }),
}

const AuthUser = Schema.Struct({
  id: UserId,
  email: Schema.String,
  email_confirmed_at: Schema.NullOr(Timestamp),
  created_at: Timestamp,
  user_metadata: Schema.Struct({ fullName: Schema.String }),
}).annotations({ identifier: "AuthUser" })

export const SignedUp = Schema.Struct({
  user: AuthUser,
  dbUser: Schema.Struct({
    id: UserId,
    supabaseId: UserId,
    email: Schema.String,
    fullName: Schema.String,
  }),
  message: Schema.String,
})

export const SignedInBody = Schema.Struct({
  accessToken: Schema.String.annotations({ description: "A bearer token, valid for 15 minutes" }),
  refreshToken: Schema.String.annotations({
    description: "Single-use; exchange it for new tokens at POST /api/auth/refresh",
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
})

/** The path parameter of operations on a chat. */
export const chatId = HttpApiSchema.param("id", ConversationId.annotations({ description: "The chat's id" }))
