import { commonErrorBody } from "../../http/ErrorBody"
import { makeErrors } from "../../http/ErrorTable"

/** Domain errors as the Native contract sends them. */
export const errors = makeErrors(commonErrorBody)
