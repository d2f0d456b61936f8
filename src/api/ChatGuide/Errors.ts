import * as Conversations from "../../domain/conversations/Conversations/Errors"
import * as Generation from "../../domain/generation/Generations/Errors"
import * as Sessions from "../../domain/identity/Sessions/Errors"
import * as Users from "../../domain/identity/Users/Errors"
import * as Usage from "../../domain/operations/Usage/Errors"
import * as Shared from "../../domain/shared/Actor"
import { makeErrorMapper } from "../../http/ErrorBody"
import { errorShape } from "./Body"

const httpError = makeErrorMapper(errorShape)

/** Domain errors that callers of this contract can receive, each with its HTTP status and error code. */
export const Unauthenticated = httpError(Sessions.Unauthenticated, {
  status: 401,
  code: "UNAUTHORIZED",
  description: "Authentication required",
})
export const InvalidCredentials = httpError(Users.InvalidCredentials, {
  status: 401,
  code: "INVALID_CREDENTIALS",
  description: "The email address or the password is wrong",
})
export const AccountBanned = httpError(Users.AccountBanned, {
  status: 403,
  code: "ACCOUNT_BANNED",
  description: "The account is banned",
})
export const EmailTaken = httpError(Users.EmailTaken, {
  status: 409,
  code: "EMAIL_TAKEN",
  description: "The email address is already registered",
})
export const UserNotFound = httpError(Shared.UserNotFound, {
  status: 404,
  code: "USER_NOT_FOUND",
  description: "The account does not exist",
})
export const ConversationNotFound = httpError(Conversations.ConversationNotFound, {
  status: 404,
  code: "CHAT_NOT_FOUND",
  description: "The chat does not exist or belongs to another user",
})
export const TokenLimitReached = httpError(Usage.TokenLimitReached, {
  status: 429,
  code: "TOKEN_LIMIT_REACHED",
  description: "The user's token limit does not cover the message",
})
export const ShuttingDown = httpError(Generation.ShuttingDown, {
  status: 503,
  code: "SHUTTING_DOWN",
  description: "The server is shutting down",
})
