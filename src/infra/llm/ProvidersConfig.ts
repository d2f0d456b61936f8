import { Config, ConfigError, Either, Option, Redacted } from "effect"
import { canonicalId, resolve } from "./ModelRouting"
import {
  type ConfiguredProvider,
  type ProviderDefinition,
  type ProvidersConfig,
  providerDefinitions,
} from "./ProviderDefinitions"

const invalid = (message: string) => ConfigError.InvalidData([], message)

/** Removes the white space and the quotes around a value: Docker's env files keep quotes as they are. */
const unquote = (value: string) =>
  value
    .trim()
    .replace(/^(["'])(.*)\1$/, "$2")
    .trim()

/** Reads a variable; an empty value counts as unset, because compose files pass every variable on. */
const optionalText = (name: string) =>
  Config.string(name).pipe(
    Config.option,
    Config.map(Option.match({ onNone: () => undefined, onSome: (value) => unquote(value) || undefined })),
  )

/** Reads an API key: what a header can carry, without the scheme that is often copied along with it. */
const optionalKey = (variable: string) =>
  optionalText(variable).pipe(
    Config.mapOrFail((value) => {
      const key = value?.replace(/^bearer\s+/i, "")
      if (key === undefined) return Either.right(undefined)
      return /^[\x21-\x7e]+$/.test(key)
        ? Either.right({ variable, key: Redacted.make(key) })
        : Either.left(invalid(`${variable} must be one key of ASCII characters without spaces.`))
    }),
  )

/** Returns the provider whose keys begin like this one, if it is another one than that of the variable. */
const findKeyOwner = (key: Redacted.Redacted, { id }: ProviderDefinition) =>
  providerDefinitions.find(
    (other) =>
      other.id !== id && other.keyPrefix !== undefined && Redacted.value(key).startsWith(other.keyPrefix),
  )

/** Reads the configuration of a provider, or undefined when it is not configured. */
const configuredProvider = (provider: ProviderDefinition): Config.Config<ConfiguredProvider | undefined> =>
  Config.all({
    keys: Config.all(provider.keyVariables.map(optionalKey)),
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
      const found = keys.find((value) => value !== undefined)
      const key = found?.key
      const url = urls.find((value) => value !== undefined)
      const baseUrl = url ?? provider.defaultUrl
      if (key === undefined && (url === undefined || !provider.apiKeyOptional)) return Either.right(undefined)
      if (baseUrl === undefined) {
        return Either.left(
          invalid(`${provider.urlVariables[0]?.[0]} must be set when ${provider.keyVariables[0]} is.`),
        )
      }
      // A gateway may accept the keys of others; the provider itself never does.
      const owner = key === undefined || url !== undefined ? undefined : findKeyOwner(key, provider)
      if (owner !== undefined) {
        const [variable] = owner.keyVariables
        return Either.left(
          invalid(
            `${found?.variable} must be a key of ${provider.name}; ${variable} is for one of ${owner.name}.`,
          ),
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
  // Nothing is listed yet, so that the default model does not depend on what providers list today.
  const routing = { configured, defaultModel: canonicalId(first?.id, model), isListed: () => false }
  return Either.mapBoth(resolve(routing, model), {
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
