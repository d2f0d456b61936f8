import { DateTime, Duration, Effect } from "effect"
import { RateLimiter } from "../operations/RateLimiter"
import type { UserId } from "../shared/Actor"
import { ClientAddress, networkOf } from "../shared/ClientAddress"
import { areRatesLimited, integerConfig } from "../shared/ConfigHelpers"
import { repeatEvery } from "../shared/repeatEvery"
import { TooManySignIns } from "./SignInLimits/Errors"
import { SignInLimitsRepo } from "./SignInLimits/Repo"
import type { UserKey } from "./Users/Model"

/** How many passwords may be tried for one account per hour, from all unknown networks together. */
export const signInsPerHour = integerConfig("RATE_LIMIT_SIGN_IN_PER_HOUR", {
  min: 1,
  max: 1_000_000_000,
  fallback: 20,
})

/** How long a network stays known that a user signed in from. */
const networkRetention = Duration.days(90)

/**
 * Slows the guessing of one account's password from many addresses. The limit does not hold in the networks
 * where the user has registered, signed in or reset the password: there they get in while others guess.
 */
export class SignInLimits extends Effect.Service<SignInLimits>()("SignInLimits", {
  dependencies: [SignInLimitsRepo.Default],
  scoped: Effect.gen(function* () {
    const repo = yield* SignInLimitsRepo
    const limiter = yield* RateLimiter
    const isOn = yield* areRatesLimited
    const capacity = yield* signInsPerHour

    const currentNetwork = Effect.map(ClientAddress, (addressOf) => {
      const address = addressOf()
      return address === undefined ? undefined : networkOf(address)
    })

    const isKnown = (userId: UserId | undefined) =>
      Effect.flatMap(currentNetwork, (network) =>
        userId === undefined || network === undefined ? Effect.succeed(false) : repo.isKnown(userId, network),
      )

    /**
     * Counts an attempt to sign in, before the password is verified. An account that does not exist has a
     * limit like any other, so that the limit does not tell which exist.
     */
    const check = Effect.fnUntraced(function* (key: UserKey, userId: UserId | undefined) {
      if (!isOn) return
      const account = userId ?? ("email" in key ? key.email : key.username).toLowerCase()
      const bucket = { key: `account ${account}`, capacity, window: Duration.hours(1) }
      const result = yield* limiter.consume([bucket])
      if (result === undefined || result.allowed || (yield* isKnown(userId))) return
      return yield* new TooManySignIns({ retryAfter: Math.ceil(Duration.toSeconds(result.retryAfter)) })
    })

    /** Makes the client's network known as one of the user's. */
    const rememberNetwork = Effect.fnUntraced(function* (userId: UserId) {
      const network = yield* currentNetwork
      if (network !== undefined) yield* repo.remember(userId, network, yield* DateTime.nowAsDate)
    })

    yield* repeatEvery(
      Duration.hours(1),
      Effect.flatMap(DateTime.now, (now) =>
        repo.purge(DateTime.toDate(DateTime.subtractDuration(now, networkRetention))),
      ),
    )

    return { check, rememberNetwork }
  }),
}) {}
