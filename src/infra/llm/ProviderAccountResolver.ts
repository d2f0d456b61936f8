import { Effect, Either } from "effect"
import { BaseUrlNotAllowed } from "../../domain/models/LanguageModel"
import type { ProviderAccount } from "../../domain/models/ProviderAccount"
import { allowPrivateUrls } from "../http-client/guardedFetch"
import { parseBaseUrl } from "./BaseUrl"
import { type ConfiguredProvider, providerDefinitions } from "./ProviderDefinitions"
import { makeGuardedFetch } from "./ProviderFetch"
import * as Providers from "./ProvidersConfig"

/**
 * Returns the function that says how to call a provider with a user's account. A base URL of the user's own
 * never receives the server's key, and is not followed into private networks; without one, the user's key
 * goes where the server's calls go.
 */
export const makeAccountResolver = Effect.gen(function* () {
  const { configured } = yield* Providers.config
  const guardedFetch = makeGuardedFetch(yield* allowPrivateUrls)
  return (account: ProviderAccount): Either.Either<ConfiguredProvider, BaseUrlNotAllowed> => {
    const { provider: id, apiKey, baseUrl } = account
    const definition = providerDefinitions.find((one) => one.id === id)
    const name = definition?.name ?? id
    const common = { id, name, key: apiKey, isOwnAccount: true }
    if (baseUrl !== undefined) {
      return Either.mapBoth(parseBaseUrl(baseUrl, definition?.defaultPath ?? ""), {
        onLeft: (reason) => new BaseUrlNotAllowed({ provider: name, reason: `It ${reason}` }),
        onRight: (url) => ({ ...common, baseUrl: url, send: guardedFetch }),
      })
    }
    const url = configured.find((one) => one.id === id)?.baseUrl ?? definition?.defaultUrl
    return url === undefined
      ? Either.left(new BaseUrlNotAllowed({ provider: name, reason: "It is missing." }))
      : Either.right({ ...common, baseUrl: url })
  }
})
