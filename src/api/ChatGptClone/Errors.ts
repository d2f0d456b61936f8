import { commonErrorBody } from "../../http/ErrorBody"
import { makeErrors } from "../../http/errors"

/** Domain errors as the ChatGPT clone contract sends them: an assistant is called an agent there. */
export const errors = makeErrors(commonErrorBody, {
  AssistantNotFound: { code: "AGENT_NOT_FOUND", description: "The agent does not exist" },
})
