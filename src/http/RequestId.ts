import { Context } from "effect"

/**
 * The name of the request being answered: in the `X-Request-Id` header of its answer, in the body
 * of every error and in every line of the log that is written on its behalf.
 */
export class RequestId extends Context.Reference<RequestId>()("RequestId", { defaultValue: () => "none" }) {}
