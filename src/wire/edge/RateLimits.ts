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

/** Takes a token for a request from each of the buckets that its operation is limited by. */
export const makeRateLimits = Effect.gen(function* () {
  const limiter = yield* RateLimiter
  const proxies = yield* trustedProxies
  const on = yield* switchedOn
  const capacities = new Map<LimitPolicy, number>()
  for (const policy of Object.values(limits).flat()) capacities.set(policy, yield* count(policy))

  const keyOf = (
    policy: LimitPolicy,
    request: HttpServerRequest.HttpServerRequest,
    actor: Option.Option<Actor>,
  ) => {
    if (policy.per === "server") return policy.name
    const user = policy.per === "caller" && Option.isSome(actor) ? actor.value.userId : undefined
    return `${policy.name} ${user ?? clientAddress(request, proxies)}`
  }

  /** The headers that say what is left, of the bucket that has least; or a refusal. */
  return Effect.fnUntraced(function* (
    policies: ReadonlyArray<LimitPolicy>,
    request: HttpServerRequest.HttpServerRequest,
    actor: Option.Option<Actor>,
  ) {
    let tightest: Grant | undefined
    if (on) {
      for (const policy of policies) {
        const capacity = capacities.get(policy) ?? policy.perMinute
        const key = keyOf(policy, request, actor)
        const grant = yield* limiter.take({ key, capacity, window: Duration.minutes(1) })
        if (!grant.allowed) return { headers: headersOf(grant), refused: rateLimited(grant.retryAfter) }
        if (tightest === undefined || grant.remaining < tightest.remaining) tightest = grant
      }
    }
    return { headers: tightest === undefined ? {} : headersOf(tightest), refused: undefined }
  })
})
