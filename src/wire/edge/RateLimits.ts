import type { HttpServerRequest } from "@effect/platform"
import { Config, Duration, Effect, Option } from "effect"
import type { Actor } from "../../domain/kernel/Actor"
import { type Grant, RateLimiter } from "../../domain/operations/RateLimiter"
import { type LimitPolicy, limits } from "../frame/LimitPolicy"
import { rateLimited } from "../frame/Problem"

const switchedOn = Config.literal(
  "on",
  "off",
)("RATE_LIMITS").pipe(
  Config.withDefault("on"),
  Config.map((setting) => setting === "on"),
)

const count = (policy: LimitPolicy) =>
  Config.integer(policy.setting).pipe(
    Config.validate({ message: "must be 1 or more", validation: (perMinute) => perMinute >= 1 }),
    Config.withDefault(policy.perMinute),
  )

/** How many proxies in front of this server add to X-Forwarded-For and can be believed. */
const trustedProxies = Config.integer("TRUSTED_PROXIES").pipe(
  Config.validate({ message: "must be 0 or more", validation: (proxies) => proxies >= 0 }),
  Config.withDefault(0),
)

/** A network, not a machine, is what an IPv6 client has to itself: its first 64 bits. */
const network = (address: string): string => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!address.includes(":")) return address
  const [head = "", tail] = address.split("::", 2)
  const groups = head === "" ? [] : head.split(":")
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === "" ? 0 : tail.split(":").length)
  return [...groups, ...Array<string>(Math.max(0, missing)).fill("0"), ...(tail ?? "").split(":")]
    .slice(0, 4)
    .join(":")
}

const clientAddress = (request: HttpServerRequest.HttpServerRequest, proxies: number): string => {
  const direct = Option.getOrElse(request.remoteAddress, () => "unknown")
  if (proxies === 0) return network(direct)
  const forwarded = (request.headers["x-forwarded-for"] ?? "").split(",").map((hop) => hop.trim())
  return network(forwarded.at(-proxies) || direct)
}

const headersOf = (grant: Grant): Record<string, string> => ({
  "x-ratelimit-limit": String(grant.limit),
  "x-ratelimit-remaining": String(grant.remaining),
  "x-ratelimit-reset": String(Math.ceil(grant.fullAt / 1000)),
})

type Caller = Option.Option<Pick<Actor, "userId">>

/** Takes a token from each of some buckets: what is left in the one that has least, or a refusal. */
const makeTake = Effect.gen(function* () {
  const limiter = yield* RateLimiter
  const on = yield* switchedOn
  const capacities = new Map<LimitPolicy, number>()
  for (const policy of Object.values(limits).flat()) capacities.set(policy, yield* count(policy))

  return Effect.fnUntraced(function* (
    policies: ReadonlyArray<LimitPolicy>,
    caller: Caller,
    address: () => string,
  ) {
    let tightest: Grant | undefined
    if (on) {
      for (const policy of policies) {
        const capacity = capacities.get(policy) ?? policy.perMinute
        const user = policy.per === "caller" && Option.isSome(caller) ? caller.value.userId : undefined
        const key = policy.per === "server" ? policy.name : `${policy.name} ${user ?? address()}`
        const grant = yield* limiter.take({ key, capacity, window: Duration.minutes(1) })
        if (!grant.allowed) return { headers: headersOf(grant), refused: rateLimited(grant.retryAfter) }
        if (tightest === undefined || grant.remaining < tightest.remaining) tightest = grant
      }
    }
    return { headers: tightest === undefined ? {} : headersOf(tightest), refused: undefined }
  })
})

/** Counts a request against the limits of its operation. */
export const makeRateLimits = Effect.gen(function* () {
  const take = yield* makeTake
  const proxies = yield* trustedProxies
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
