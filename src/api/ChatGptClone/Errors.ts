import { commonErrorBody } from "../../http/ErrorBody"
import { makeErrors } from "../../http/errors"

/** Domain errors as the ChatGPT clone contract sends them. */
export const errors = makeErrors(commonErrorBody)
