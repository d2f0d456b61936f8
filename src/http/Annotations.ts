import type { HttpServerRequest } from "@effect/platform"
import { Context, type Effect } from "effect"
import { type RateLimitPolicy, rateLimits } from "./RateLimitPolicy"

/** The rate limits of an operation. Annotates an endpoint, a group or a whole contract. */
export class RateLimits extends Context.Reference<RateLimits>()("RateLimits", {
  defaultValue: (): ReadonlyArray<RateLimitPolicy> => rateLimits.general,
}) {}

/** Marks an operation whose last path parameter may contain slashes, plain or as %2F. */
export class SplatParam extends Context.Reference<SplatParam>()("SplatParam", {
  defaultValue: () => false,
}) {}

/** The largest body that an operation accepts, in bytes; `MAX_BODY_BYTES` applies where it is not set. */
export class MaxBodySize extends Context.Reference<MaxBodySize>()("MaxBodySize", {
  defaultValue: (): number | undefined => undefined,
}) {}

/** Accommodates files as data URIs, which are a third larger than the files. */
export const MAX_ATTACHMENT_BODY = 40 * 1024 * 1024

/**
 * Marks a `GET` that responds with a weak ETag over its body, and with 304 to a client that has it: for
 * responses that rarely change.
 */
export class WeakETag extends Context.Reference<WeakETag>()("WeakETag", { defaultValue: () => false }) {}

/** Marks an operation whose path contains a secret: logs and traces show the parameters' names instead. */
export class SecretPath extends Context.Reference<SecretPath>()("SecretPath", {
  defaultValue: () => false,
}) {}

/** Marks a `GET` that changes something: with a session cookie it needs the same CSRF check as other writes. */
export class UnsafeGet extends Context.Reference<UnsafeGet>()("UnsafeGet", { defaultValue: () => false }) {}

/**
 * Makes fields that clients of an operation expect in its error bodies, beside those of the contract's format.
 * They are added to every error, by its code, unless the body has them already.
 */
export class ErrorFields extends Context.Reference<ErrorFields>()("ErrorFields", {
  defaultValue: ():
    | ((code: string) => Effect.Effect<object, never, HttpServerRequest.HttpServerRequest>)
    | undefined => undefined,
}) {}

/** Marks an operation on the account itself, which no API key may call: keys, passwords, sessions and so on. */
export class SessionOnly extends Context.Reference<SessionOnly>()("SessionOnly", {
  defaultValue: () => false,
}) {}
