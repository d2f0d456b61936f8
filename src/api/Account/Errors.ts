import { Data } from "effect"
import * as Sessions from "../../domain/identity/Sessions/Errors"
import * as Users from "../../domain/identity/Users/Errors"
import * as Shared from "../../domain/shared/Actor"
import { makeErrorMapper } from "../../http/ErrorBody"
import { errorShape } from "./Body"

const httpError = makeErrorMapper(errorShape)

/** The email address is registered, for requests with `name` only: their document specifies 400 in place of 409. */
export class UserExists extends Data.TaggedError("UserExists") {
  override get message() {
    return "An account with this email address already exists."
  }
}

/** Domain errors that callers of this contract can receive, each with its HTTP status and error code. */
export const Unauthenticated = httpError(Sessions.Unauthenticated, {
  status: 401,
  code: "UNAUTHORIZED",
  description: "Authentication required",
})
export const InvalidRefreshToken = httpError(Sessions.InvalidRefreshToken, {
  status: 401,
  code: "INVALID_REFRESH_TOKEN",
  description: "The refresh token is invalid, expired or consumed",
})
export const InvalidCredentials = httpError(Users.InvalidCredentials, {
  status: 401,
  code: "INVALID_CREDENTIALS",
  description: "The email address or the password is wrong",
})
export const WrongPassword = httpError(Users.WrongPassword, {
  status: 401,
  code: "WRONG_PASSWORD",
  description: "The current password is wrong",
})
export const AccountBanned = httpError(Users.AccountBanned, {
  status: 403,
  code: "ACCOUNT_BANNED",
  description: "The account is banned",
})
export const EmailTaken = httpError(Users.EmailTaken, {
  status: 409,
  code: "EMAIL_TAKEN",
  description: "The email address is already registered (request with `display_name`)",
})
export const UserExistsError = httpError(UserExists, {
  status: 400,
  code: "USER_EXISTS",
  description: "The email address is already registered (request with `name` only)",
})
export const UserNotFound = httpError(Shared.UserNotFound, {
  status: 404,
  code: "USER_NOT_FOUND",
  description: "The account does not exist",
})
