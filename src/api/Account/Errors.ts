import { Data } from "effect"
import { commonErrorBody, makeErrorSchema } from "../../http/ErrorBody"
import { makeErrors } from "../../http/ErrorTable"

/** The email address has an account. For clients that send `name`, whose document defines only 400. */
export class UserExistsError extends Data.TaggedError("UserExistsError") {
  override get message() {
    return "An account with this email address already exists."
  }
}

/** Domain errors as the Account contract sends them. */
export const errors = {
  ...makeErrors(commonErrorBody, {
    EmailTaken: { description: "An account with this email address exists (requests with `display_name`)" },
  }),
  UserExistsError: makeErrorSchema(commonErrorBody, {
    sample: new UserExistsError(),
    status: 400,
    code: "USER_EXISTS",
    description: "An account with this email address exists (requests with `name`)",
  }),
}
