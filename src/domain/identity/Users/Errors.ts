import { Data } from "effect"

export class EmailTaken extends Data.TaggedError("EmailTaken")<{ readonly email: string }> {
  override get message() {
    return "An account with this email address already exists."
  }
}

/** Said alike of an unknown address and of a wrong password. */
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

export class WrongPassword extends Data.TaggedError("WrongPassword") {
  override get message() {
    return "The current password is wrong."
  }
}

/** Admins cannot ban themselves or one another. */
export class CannotBan extends Data.TaggedError("CannotBan")<{ readonly why: string }> {
  override get message() {
    return this.why
  }
}
