import { Data } from "effect"

export class EmailTaken extends Data.TaggedError("EmailTaken")<{ readonly email: string }> {
  override get message() {
    return "An account with this email address already exists."
  }
}

export class UsernameTaken extends Data.TaggedError("UsernameTaken") {
  override get message() {
    return "This username is taken."
  }
}

/** The registration of new users is closed, and the email address was not invited. */
export class RegistrationClosed extends Data.TaggedError("RegistrationClosed") {
  override get message() {
    return "Registration is closed on this server, except for invited email addresses."
  }
}

/** The same error for an unknown account and for a wrong password, so that neither is revealed. */
export class InvalidCredentials extends Data.TaggedError("InvalidCredentials") {
  override get message() {
    return "The email address or the password is wrong."
  }
}

export class AccountBanned extends Data.TaggedError("AccountBanned")<{ readonly reason: string }> {
  override get message() {
    return this.reason === "" ? "This account is banned." : `This account is banned: ${this.reason}`
  }
}

export class AccountSuspended extends Data.TaggedError("AccountSuspended")<{
  readonly reason: string
  /** When the suspension ends by itself, if it does. */
  readonly until: Date | null
}> {
  override get message() {
    const end = this.until === null ? "" : ` until ${this.until.toISOString()}`
    return `This account is suspended${end}${this.reason === "" ? "." : `: ${this.reason}`}`
  }
}

export class WrongPassword extends Data.TaggedError("WrongPassword") {
  override get message() {
    return "The current password is wrong."
  }
}

/** Administrators cannot ban or suspend themselves or each other. */
export class StatusChangeNotAllowed extends Data.TaggedError("StatusChangeNotAllowed")<{
  readonly reason: string
}> {
  override get message() {
    return this.reason
  }
}

/** Administrators' accounts cannot be deleted, not even by themselves. */
export class DeletionNotAllowed extends Data.TaggedError("DeletionNotAllowed") {
  override get message() {
    return "The accounts of administrators cannot be deleted."
  }
}
