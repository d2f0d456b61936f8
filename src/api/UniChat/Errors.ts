import { commonErrorBody } from "../../http/ErrorBody"
import { makeErrors } from "../../http/ErrorTable"

/** Domain errors as the UniChat contract sends them: an assistant is called a config there. */
export const errors = makeErrors(commonErrorBody, {
  AssistantNotFound: {
    code: "CONFIG_NOT_FOUND",
    description: "The config does not exist or belongs to another user",
  },
})
