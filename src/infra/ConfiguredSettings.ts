import { Config, Effect, Layer, Option } from "effect"
import { enumConfig, integerConfig, MAX_INT4, parseConfig } from "../domain/shared/ConfigHelpers"
import {
  ConfiguredSettings,
  MAX_TOKENS_LIMIT,
  type SettingName,
} from "../domain/shared/CurrentSettings/Model"
import { lengthBetween } from "../domain/shared/Text"
import { ListedModels } from "./llm/ListedModels"
import { isServed } from "./llm/ModelRouting"
import * as LlmProviders from "./llm/ProvidersConfig"

const variables = {
  registrationOpen: "REGISTRATION",
  defaultModel: "DEFAULT_MODEL",
  tokensLimit: "TOKENS_LIMIT",
  maxFileBytes: "MAX_FILE_BYTES",
  motd: "MOTD",
} as const satisfies Record<SettingName, string>

const messageOfTheDay = parseConfig("a text of at most 2,000 characters", (text) =>
  lengthBetween(text, 0, 2000) ? Option.some(text) : Option.none(),
)

const registration = (variable: string) =>
  enumConfig(
    variable,
    new Map([
      ["open", true],
      ["closed", false],
    ]),
  )

const isSet = (variable: string) =>
  Config.map(Config.option(Config.string(variable)), (value) => Option.exists(value, (text) => text !== ""))

/** The configured values of settings. */
export const config = Config.all({
  registrationOpen: Config.withDefault(registration(variables.registrationOpen), true),
  defaultModel: Config.map(LlmProviders.config, ({ defaultModel }) => defaultModel),
  tokensLimit: integerConfig(variables.tokensLimit, { min: -1, max: MAX_TOKENS_LIMIT, fallback: 100_000 }),
  maxFileBytes: integerConfig(variables.maxFileBytes, { min: 1, max: MAX_INT4, fallback: 20 * 1024 * 1024 }),
  motd: Config.withDefault(messageOfTheDay(variables.motd), ""),
})

const setVariables = Config.all({
  registrationOpen: isSet(variables.registrationOpen),
  defaultModel: isSet(variables.defaultModel),
  tokensLimit: isSet(variables.tokensLimit),
  maxFileBytes: isSet(variables.maxFileBytes),
  motd: isSet(variables.motd),
})

const names = Object.keys(variables) as Array<SettingName>

/** Implements the port with environment variables. */
export const layer = Layer.effect(
  ConfiguredSettings,
  Effect.gen(function* () {
    const values = yield* config
    const isSet = yield* setVariables
    const providers = yield* LlmProviders.config
    const listed = yield* ListedModels
    return {
      values,
      locked: new Set(names.filter((name) => isSet[name])),
      servesModel: (id: string) => isServed({ ...providers, isListed: listed.has }, id),
    }
  }),
).pipe(Layer.provide(ListedModels.Default))
