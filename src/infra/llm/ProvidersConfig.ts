import { Config, ConfigError, Either, Option, Redacted } from "effect"
import { canonicalId, resolve } from "./ModelRouting"
import {
  type ConfiguredProvider,
  type ProviderDefinition,
  type ProvidersConfig,
  providerDefinitions,
} from "./ProviderDefinitions"

const invalid = (message: string) => ConfigError.InvalidData([], message)

/** Reads a variable; an empty value counts as unset, because compose files pass every variable on. */
const optionalText = (name: string) =>
  Config.string(name).pipe(
    Config.option,
    Config.map((value) => Option.getOrUndefined(value)?.trim() || undefined),
  )

const optionalSecret = (name: string) =>
  optionalText(name).pipe(Config.map((value) => (value === undefined ? undefined : Redacted.make(value))))

/** Reads the configuration of a provider, or undefined when it is not configured. */
const configuredProvider = (provider: ProviderDefinition): Config.Config<ConfiguredProvider | undefined> =>
  Config.all({
    keys: Config.all(provider.keyVariables.map(optionalSecret)),
    urls: Config.all(
      provider.urlVariables.map(([variable, parse]) =>
        Config.mapOrFail(optionalText(variable), (value) =>
          value === undefined
            ? Either.right(undefined)
            : Either.mapLeft(parse(value, provider.defaultPath), (reason) =>
                invalid(`${variable} ${reason}`),
              ),
        ),
      ),
    ),
  }).pipe(
    Config.mapOrFail(({ keys, urls }) => {
      const key = keys.find((value) => value !== undefined)
      const url = urls.find((value) => value !== undefined)
      const baseUrl = url ?? provider.defaultUrl
      if (key === undefined && (url === undefined || !provider.apiKeyOptional)) return Either.right(undefined)
      if (baseUrl === undefined) {
        return Either.left(
          invalid(`${provider.urlVariables[0]?.[0]} must be set when ${provider.keyVariables[0]} is.`),
        )
      }
      return Either.right({ id: provider.id, name: provider.name, baseUrl, key })
    }),
  )

const resolveDefaultModel = (
  configured: ReadonlyArray<ConfiguredProvider>,
  requested: string | undefined,
) => {
  const [first] = configured
  const fallback =
    first === undefined ? "demo" : providerDefinitions.find(({ id }) => id === first.id)?.defaultModel
  const model = requested ?? fallback
  if (model === undefined) {
    return Either.left(invalid("DEFAULT_MODEL must name a model of the server at LLM_BASE_URL."))
  }
  return Either.mapBoth(resolve({ configured, defaultModel: canonicalId(first?.id, model) }, model), {
    onLeft: () =>
      invalid("DEFAULT_MODEL must name a model of a configured provider, such as openai/gpt-4o-mini."),
    onRight: (resolved): ProvidersConfig => ({
      configured,
      defaultModel: resolved._tag === "Demo" ? "demo" : canonicalId(resolved.provider.id, resolved.model),
    }),
  })
}

/** Reads the configured providers from their usual environment variables, and `DEFAULT_MODEL`. */
export const config: Config.Config<ProvidersConfig> = Config.all({
  configured: Config.all(providerDefinitions.map(configuredProvider)),
  defaultModel: optionalText("DEFAULT_MODEL"),
}).pipe(
  Config.mapOrFail(({ configured, defaultModel }) =>
    resolveDefaultModel(
      configured.filter((provider) => provider !== undefined),
      defaultModel,
    ),
  ),
)
