import { CommonError, commonError, type ErrorShape } from "../../http/ErrorBody"

/** The error body of this contract: `{error, code, details?, requestId}`. */
export const errorShape: ErrorShape<typeof CommonError.Type> = {
  schema: CommonError.annotations({ identifier: "Error" }),
  body: commonError,
}
