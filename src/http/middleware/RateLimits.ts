import type { HttpServerRequest } from "@effect/platform"
import { Config, Effect, Option } from "effect"
import { type Bucket, RateLimiter, type RateLimitResult } from "../../domain/operations/RateLimiter"
import type { Actor } from "../../domain/shared/Actor"
import { networkOf } from "../../domain/shared/ClientAddress"
import { areRatesLimited, integerConfig } from "../../domain/shared/ConfigHelpers"
import { rateLimited } from "../HttpError"
import { type RateLimitPolicy, rateLimits } from "../RateLimitPolicy"
import { clientIp, trustedProxies } from "./ClientIp"

const configuredCapacity = (policy: RateLimitPolicy) =>
  integerConfig(policy.variable, { min: 1, max: 1_000_000_000, fallback: policy.capacity }).pipe(
    Config.map((capacity) => [policy, capacity] as const),
  )

/** Whether requests are limited, the capacities, and how many trusted proxies add to X-Forwarded-For. */
export const rateLimitConfig = Config.all({
  on: areRatesLimited,
  counts: Config.all(Object.values(rateLimits).flat().map(configuredCapacity)),
  proxies: trustedProxies,
})

const headersOf = (result: RateLimitResult): Record<string, string> => ({
  "x-ratelimit-limit": String(result.limit),
  "x-ratelimit-remaining": String(result.remaining),
  "x-ratelimit-reset": String(Math.ceil(result.resetAt / 1000)),
})

/** How many clients at their limit the network of an IPv6 address (/48) may have. */
const ADDRESSES_PER_NETWORK = 4

type RequestUser = Option.Option<Pick<Actor, "userId">>

const unlimited = { headers: {}, rejection: undefined }

/** Consumes a token from every bucket or from none; returns the most restrictive result. */
const makeConsume = Effect.gen(function* () {
  const limiter = yield* RateLimiter
  const { on, counts } = yield* rateLimitConfig
  const capacities = new Map(counts)

  /** An IPv6 client may use a /64 as if it were one address, and often the whole /48, which is limited as well. */
  const bucketsOf = (
    policy: RateLimitPolicy,
    caller: RequestUser,
    addressOf: () => string,
  ): Array<Bucket> => {
    const { name, per, window } = policy
    const capacity = capacities.get(policy) ?? policy.capacity
    const bucket = (key: string, capacity: number): Bucket => ({ key: `${name} ${key}`, capacity, window })
    if (per === "server") return [bucket("", capacity)]
    if (per === "caller" && Option.isSome(caller)) return [bucket(caller.value.userId, capacity)]
    const address = addressOf()
    const single = bucket(address, capacity)
    return address.includes(":")
      ? [single, bucket(networkOf(address), capacity * ADDRESSES_PER_NETWORK)]
      : [single]
  }

  return (policies: ReadonlyArray<RateLimitPolicy>, caller: RequestUser, address: () => string) => {
    if (!on || policies.length === 0) return Effect.succeed(unlimited)
    // Anonymous callers, about to be rejected, must not use up what all users share.
    const applicable = Option.isSome(caller) ? policies : policies.filter(({ per }) => per !== "server")
    const buckets = applicable.flatMap((policy) => bucketsOf(policy, caller, address))
    return Effect.map(limiter.consume(buckets), (result) =>
      result === undefined
        ? unlimited
        : {
            headers: headersOf(result),
            rejection: result.allowed ? undefined : rateLimited(result.retryAfter),
          },
    )
  }
})

/** Returns the function that counts a request against rate limits. */
export const makeRateLimits = Effect.gen(function* () {
  const consume = yield* makeConsume
  const { proxies } = yield* rateLimitConfig
  return (
    policies: ReadonlyArray<RateLimitPolicy>,
    request: HttpServerRequest.HttpServerRequest,
    caller: RequestUser,
  ) => consume(policies, caller, () => clientIp(request, proxies))
})

/** Returns the function that counts socket events of a user against the same limits as requests. */
export const makeActorLimits = Effect.map(
  makeConsume,
  (consume) => (policies: ReadonlyArray<RateLimitPolicy>, actor: Actor) =>
    consume(policies, Option.some(actor), () => actor.userId),
)
