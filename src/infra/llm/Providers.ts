import { Config, ConfigError, Either, Option, Redacted } from "effect"
import type { ProviderSettings, Providers } from "./ConfiguredProviders"
import { canonicalId, resolve } from "./ModelRouting"
import { type Known, known } from "./ProviderDefinitions"

const wrong = (sentence: string) => ConfigError.InvalidData([], sentence)

/** An empty value counts as none: compose files pass every setting on. */
const text = (name: string) =>
  Config.string(name).pipe(
    Config.option,
    Config.map((given) => Option.getOrUndefined(given)?.trim() || undefined),
  )

const secret = (name: string) =>
  text(name).pipe(Config.map((given) => (given === undefined ? undefined : Redacted.make(given))))

/** The provider's settings, if it is configured. */
const settingsOf = (provider: Known): Config.Config<ProviderSettings | undefined> =>
  Config.all({
    keys: Config.all(provider.keys.map(secret)),
    urls: Config.all(
      provider.urls.map(([setting, read]) =>
        Config.mapOrFail(text(setting), (given) =>
          given === undefined
            ? Either.right(undefined)
            : Either.mapLeft(read(given, provider.path), (problem) => wrong(`${setting} ${problem}`)),
        ),
      ),
    ),
  }).pipe(
    Config.mapOrFail(({ keys, urls }) => {
      const key = keys.find((given) => given !== undefined)
      const url = urls.find((given) => given !== undefined)
      const baseUrl = url ?? provider.url
      if (key === undefined && (url === undefined || !provider.keyless)) return Either.right(undefined)
      if (baseUrl === undefined) {
        return Either.left(wrong(`${provider.urls[0]?.[0]} must be set when ${provider.keys[0]} is.`))
      }
      return Either.right({ id: provider.id, name: provider.name, baseUrl, key })
    }),
  )

const withDefault = (configured: ReadonlyArray<ProviderSettings>, named: string | undefined) => {
  const [first] = configured
  const usual = first === undefined ? "demo" : known.find(({ id }) => id === first.id)?.defaultModel
  const model = named ?? usual
  if (model === undefined) {
    return Either.left(wrong("DEFAULT_MODEL must name a model of the server at LLM_BASE_URL."))
  }
  return Either.mapBoth(resolve({ configured, defaultModel: canonicalId(first?.id, model) }, model), {
    onLeft: () =>
      wrong("DEFAULT_MODEL must name a model of a configured provider, such as openai/gpt-4o-mini."),
    onRight: (found): Providers => ({
      configured,
      defaultModel: found._tag === "Demo" ? "demo" : canonicalId(found.provider.id, found.model),
    }),
  })
}

/** Which providers are configured, from their own usual settings and `DEFAULT_MODEL`. */
export const config: Config.Config<Providers> = Config.all({
  configured: Config.all(known.map(settingsOf)),
  named: text("DEFAULT_MODEL"),
}).pipe(
  Config.mapOrFail(({ configured, named }) =>
    withDefault(
      configured.filter((provider) => provider !== undefined),
      named,
    ),
  ),
)
