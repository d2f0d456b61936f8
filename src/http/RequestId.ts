import { Context } from "effect"

/**
 * The id of the current request: in the `X-Request-Id` header of its response, in error bodies, and in every
 * log line written while it is handled.
 */
export class RequestId extends Context.Reference<RequestId>()("RequestId", { defaultValue: () => "none" }) {}
