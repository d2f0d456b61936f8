import type { HttpServerRequest } from "@effect/platform"
import { Config, Duration, Effect, Option } from "effect"
import { type Bucket, type Grant, RateLimiter } from "../../domain/operations/RateLimiter"
import type { Actor } from "../../domain/shared/Actor"
import { booleanConfig, integerConfig } from "../../domain/shared/ConfigHelpers"
import { rateLimited } from "../HttpError"
import { type LimitPolicy, limits } from "../RateLimitPolicy"
import { clientAddress } from "./ClientIp"

const count = (policy: LimitPolicy) =>
  integerConfig(policy.setting, { min: 1, max: 1_000_000_000, fallback: policy.perMinute }).pipe(
    Config.map((capacity) => [policy, capacity] as const),
  )

/**
 * Whether anything is counted, to what, and how many proxies in front of this server add to
 * X-Forwarded-For and can be believed.
 */
export const limitSettings = Config.all({
  on: booleanConfig("RATE_LIMITS", "on"),
  counts: Config.all(Object.values(limits).flat().map(count)),
  proxies: integerConfig("TRUSTED_PROXIES", { min: 0, max: 100, fallback: 0 }),
})

const window = Duration.minutes(1)

const headersOf = (grant: Grant): Record<string, string> => ({
  "x-ratelimit-limit": String(grant.limit),
  "x-ratelimit-remaining": String(grant.remaining),
  "x-ratelimit-reset": String(Math.ceil(grant.fullAt / 1000)),
})

type Caller = Option.Option<Pick<Actor, "userId">>

const uncounted = { headers: {}, refused: undefined }

/** Takes a token from each of some buckets, or from none: what is left in the one that has least, or a refusal. */
const makeTake = Effect.gen(function* () {
  const limiter = yield* RateLimiter
  const { on, counts } = yield* limitSettings
  const capacities = new Map(counts)

  const bucketOf = (policy: LimitPolicy, caller: Caller, address: () => string): Bucket => {
    const user = policy.per === "caller" && Option.isSome(caller) ? caller.value.userId : undefined
    return {
      key: policy.per === "server" ? policy.name : `${policy.name} ${user ?? address()}`,
      capacity: capacities.get(policy) ?? policy.perMinute,
      window,
    }
  }

  return (policies: ReadonlyArray<LimitPolicy>, caller: Caller, address: () => string) => {
    if (!on || policies.length === 0) return Effect.succeed(uncounted)
    // What all users share is not for those to use up who are about to be told to sign in.
    const theirs = Option.isSome(caller) ? policies : policies.filter(({ per }) => per !== "server")
    const buckets = theirs.map((policy) => bucketOf(policy, caller, address))
    return Effect.map(limiter.take(buckets), (grant) =>
      grant === undefined
        ? uncounted
        : {
            headers: headersOf(grant),
            refused: grant.allowed ? undefined : rateLimited(grant.retryAfter),
          },
    )
  }
})

/** Counts a request against limits. */
export const makeRateLimits = Effect.gen(function* () {
  const take = yield* makeTake
  const { proxies } = yield* limitSettings
  return (
    policies: ReadonlyArray<LimitPolicy>,
    request: HttpServerRequest.HttpServerRequest,
    caller: Caller,
  ) => take(policies, caller, () => clientAddress(request, proxies))
})

/** Counts what a user asks for by other ways than a request against the same limits. */
export const makeActorLimits = Effect.map(
  makeTake,
  (take) => (policies: ReadonlyArray<LimitPolicy>, actor: Actor) =>
    take(policies, Option.some(actor), () => actor.userId),
)
