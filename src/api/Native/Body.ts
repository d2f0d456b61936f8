import { CommonError, commonError, type ErrorShape } from "../../http/ErrorBody"

/** Every error of this contract: `{error, code, details?, requestId}`. */
export const errorShape: ErrorShape<typeof CommonError.Type> = {
  schema: CommonError.annotations({ identifier: "Error" }),
  body: commonError,
}
