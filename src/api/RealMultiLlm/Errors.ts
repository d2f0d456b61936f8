import { commonErrorBody } from "../../http/ErrorBody"
import { makeErrors } from "../../http/errors"

/** Domain errors as the RealMultiLLM contract sends them. */
export const errors = makeErrors(commonErrorBody, {
  AlreadyMember: { status: 400 },
})
