import { Data } from "effect"
import * as Sessions from "../../domain/identity/Sessions/Errors"
import * as Users from "../../domain/identity/Users/Errors"
import * as Shared from "../../domain/shared/Actor"
import { refusals } from "../../http/ErrorBody"
import { errorShape } from "./Body"

const refusal = refusals(errorShape)

/** A taken address, told to those who register by `name`: their document knows only 400. */
export class UserExists extends Data.TaggedError("UserExists") {
  override get message() {
    return "An account with this email address already exists."
  }
}

/** Each domain error that can reach a caller of this contract, and what it is on the wire. */
export const NotSignedIn = refusal(Sessions.NotSignedIn, {
  status: 401,
  code: "UNAUTHORIZED",
  description: "Nobody is signed in",
})
export const RefreshRefused = refusal(Sessions.RefreshRefused, {
  status: 401,
  code: "INVALID_REFRESH_TOKEN",
  description: "The refresh token is not good, or no longer",
})
export const InvalidCredentials = refusal(Users.InvalidCredentials, {
  status: 401,
  code: "INVALID_CREDENTIALS",
  description: "The address or the password is wrong",
})
export const WrongPassword = refusal(Users.WrongPassword, {
  status: 401,
  code: "WRONG_PASSWORD",
  description: "The current password is wrong",
})
export const AccountBanned = refusal(Users.AccountBanned, {
  status: 403,
  code: "ACCOUNT_BANNED",
  description: "The account is banned",
})
export const EmailTaken = refusal(Users.EmailTaken, {
  status: 409,
  code: "EMAIL_TAKEN",
  description: "The address has an account already (the request spoke `display_name`)",
})
export const UserExistsAlready = refusal(UserExists, {
  status: 400,
  code: "USER_EXISTS",
  description: "The address has an account already (the request spoke `name`)",
})
export const UserNotFound = refusal(Shared.UserNotFound, {
  status: 404,
  code: "USER_NOT_FOUND",
  description: "The account is gone",
})
