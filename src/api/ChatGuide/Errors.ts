import * as Conversations from "../../domain/conversations/Conversations/Errors"
import * as Generation from "../../domain/generation/Generations/Errors"
import * as Sessions from "../../domain/identity/Sessions/Errors"
import * as Users from "../../domain/identity/Users/Errors"
import * as Usage from "../../domain/operations/Usage/Errors"
import * as Shared from "../../domain/shared/Actor"
import { refusals } from "../../http/ErrorBody"
import { errorShape } from "./Body"

const refusal = refusals(errorShape)

/** Each domain error that can reach a caller of this contract, and what it is on the wire. */
export const NotSignedIn = refusal(Sessions.NotSignedIn, {
  status: 401,
  code: "UNAUTHORIZED",
  description: "Nobody is signed in",
})
export const InvalidCredentials = refusal(Users.InvalidCredentials, {
  status: 401,
  code: "INVALID_CREDENTIALS",
  description: "The address or the password is wrong",
})
export const AccountBanned = refusal(Users.AccountBanned, {
  status: 403,
  code: "ACCOUNT_BANNED",
  description: "The account is banned",
})
export const EmailTaken = refusal(Users.EmailTaken, {
  status: 409,
  code: "EMAIL_TAKEN",
  description: "The address has an account already",
})
export const UserNotFound = refusal(Shared.UserNotFound, {
  status: 404,
  code: "USER_NOT_FOUND",
  description: "The account is gone",
})
export const ConversationNotFound = refusal(Conversations.ConversationNotFound, {
  status: 404,
  code: "CHAT_NOT_FOUND",
  description: "There is no such chat, or it is somebody else's",
})
export const TokenLimitReached = refusal(Usage.TokenLimitReached, {
  status: 429,
  code: "TOKEN_LIMIT_REACHED",
  description: "The user's token limit does not cover the message",
})
export const ShuttingDown = refusal(Generation.ShuttingDown, {
  status: 503,
  code: "SHUTTING_DOWN",
  description: "The server is shutting down",
})
