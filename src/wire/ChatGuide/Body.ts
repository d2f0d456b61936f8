import { Schema } from "effect"
import { CommonError, commonError, type ErrorShape } from "../frame/ErrorBody"
import { Timestamp } from "../frame/Params"

/** Every success of this contract: `{data, statusCode, timestamp}`. */
export const enveloped = <A, I, R>(data: Schema.Schema<A, I, R>, status = 200) =>
  Schema.transform(
    Schema.Struct({
      data,
      statusCode: Schema.Literal(status),
      timestamp: Timestamp,
    }),
    Schema.typeSchema(data),
    {
      strict: true,
      decode: (body) => body.data,
      encode: (value) => ({ data: value, statusCode: status, timestamp: new Date().toISOString() }),
    },
  )

const ErrorBody = Schema.Struct({
  ...CommonError.fields,
  statusCode: Schema.Int,
  timestamp: Timestamp,
  message: Schema.String,
}).annotations({ identifier: "ChatGuideError" })

/** Every error of this contract: the common fields, and the envelope's. */
export const errorShape: ErrorShape<typeof ErrorBody.Type> = {
  schema: ErrorBody,
  body: (told, requestId) => ({
    ...commonError(told, requestId),
    statusCode: told.status,
    timestamp: new Date().toISOString(),
    message: told.message,
  }),
}
