import { Config, Effect, Layer } from "effect"
import { Assistants } from "./domain/assistants/Assistants"
import { PromptTemplates } from "./domain/assistants/PromptTemplates"
import { Arena } from "./domain/chat/Arena"
import { Chat } from "./domain/chat/Chat"
import { Images } from "./domain/chat/Images"
import { NamedImageModels } from "./domain/chat/Images/Model"
import { Completions } from "./domain/chat/OneShotCompletions"
import { PromptEnhancer } from "./domain/chat/PromptEnhancer"
import { Titles } from "./domain/chat/Titles"
import { Conversations } from "./domain/conversations/Conversations"
import { Files } from "./domain/files/Files"
import { LargestFile } from "./domain/files/Files/Model"
import { Generation } from "./domain/generation/Generations"
import { GenerationSettings } from "./domain/generation/Generations/Model"
import { Sessions } from "./domain/identity/Sessions"
import { People } from "./domain/identity/UserDirectory"
import { Users } from "./domain/identity/Users"
import { Models } from "./domain/models/Models"
import { ModelsSettings } from "./domain/models/Models/Model"
import { Analytics } from "./domain/operations/Analytics"
import { Audit } from "./domain/operations/Audit"
import { Health } from "./domain/operations/Health"
import { DefaultTokensLimit, Usage } from "./domain/operations/Usage"
import { drainTimeout, durationConfig, integerConfig, MAX_INT4 } from "./domain/shared/ConfigHelpers"
import * as Ids from "./infra/crypto/Ids"
import * as PasswordHasher from "./infra/crypto/PasswordHasher"
import { signingSecret } from "./infra/crypto/SigningKey"
import * as Tokens from "./infra/crypto/Tokens"
import * as ImageModel from "./infra/llm/ImageModel"
import * as LanguageModel from "./infra/llm/LanguageModel"
import * as Catalogue from "./infra/llm/ModelCatalog"
import * as LlmProviders from "./infra/llm/Providers"
import * as LlmLimits from "./infra/llm/Timeouts"
import * as RateLimiter from "./infra/memory/RateLimiter"
import * as Signals from "./infra/postgres/ClusterNotifications"
import * as Sql from "./infra/postgres/Database"
import * as Migrations from "./infra/postgres/Migrations"
import * as Node from "./infra/postgres/Node"
import * as BlobStore from "./infra/storage/LocalFiles"
import * as MediaTypes from "./infra/storage/MediaTypes"
import * as RemoteFiles from "./infra/storage/RemoteFiles"

type Database = Layer.Layer.Success<typeof Sql.layer>

/** What the database adds to counts of tokens, many times over. */
const MAX_TOKENS_LIMIT = 1_000_000_000_000

const tokens = (name: string, fallback: number) => integerConfig(name, { min: 1, max: 100_000_000, fallback })

/** Where the domain has a value of its own, it is what the settings leave out. */
const generation = GenerationSettings.defaultValue()
const models = ModelsSettings.defaultValue()

/** What the domain goes by, where the settings say otherwise. */
const domainConfig = Config.all({
  tokensLimit: integerConfig("TOKENS_LIMIT", { min: -1, max: MAX_TOKENS_LIMIT, fallback: 100_000 }),
  modelsTtl: durationConfig("MODELS_TTL", { least: "1 second", most: "365 days", fallback: models.ttl }),
  largestFile: integerConfig("MAX_FILE_BYTES", {
    min: 1,
    max: MAX_INT4,
    fallback: 20 * 1024 * 1024,
  }),
  imageModels: Config.map(Config.withDefault(Config.string("IMAGE_MODELS"), ""), (names) =>
    names.split(",").flatMap((name) => name.trim() || []),
  ),
  generation: Config.all({
    drain: drainTimeout,
    longest: durationConfig("LLM_STREAM_TIMEOUT", {
      least: "1 second",
      most: "24 hours",
      fallback: generation.longest,
    }),
    mostText: integerConfig("MAX_ANSWER_CHARACTERS", {
      min: 1,
      max: 10_000_000,
      fallback: generation.mostText,
    }),
    maxOutputTokens: tokens("MAX_OUTPUT_TOKENS", generation.maxOutputTokens),
    contextTokens: tokens("CONTEXT_TOKENS", generation.contextTokens),
  }),
})

const configLayer = Layer.unwrapEffect(
  Effect.map(domainConfig, ({ tokensLimit, modelsTtl, largestFile, imageModels, generation: overrides }) =>
    Layer.mergeAll(
      Layer.succeed(DefaultTokensLimit, tokensLimit),
      Layer.succeed(ModelsSettings, { ...models, ttl: modelsTtl }),
      Layer.succeed(LargestFile, largestFile),
      Layer.succeed(NamedImageModels, imageModels),
      Layer.succeed(GenerationSettings, { ...generation, ...overrides }),
    ),
  ),
)

/** All that the domains go by, and what they stand on. */
export const appConfig = Config.all([
  domainConfig,
  Sql.databaseConfig,
  LlmLimits.config,
  LlmProviders.config,
  PasswordHasher.hashesAtOnce,
  RemoteFiles.allowPrivateUrls,
  signingSecret,
])

const ports = Layer.mergeAll(
  Ids.layer,
  PasswordHasher.layer,
  Tokens.layer,
  LanguageModel.layer,
  Catalogue.layer,
  RateLimiter.layer,
  BlobStore.layer,
  MediaTypes.layer,
  RemoteFiles.layer,
  ImageModel.layer,
)

/** Everything that the product means, on a database. Each service is made once. */
export const makeAppLayer = <E>(sql: Layer.Layer<Database, E>) => {
  const database = Layer.mergeAll(Signals.layer, Node.layer, Migrations.layer).pipe(Layer.provideMerge(sql))
  return Layer.mergeAll(Chat.Default, Arena.Default).pipe(
    Layer.provideMerge(Layer.mergeAll(Generation.Default, Titles.Default)),
    Layer.provideMerge(
      Layer.mergeAll(
        Conversations.Default,
        Assistants.Default,
        PromptEnhancer.Default,
        Images.Default,
        PromptTemplates.Default,
        Users.Default,
        People.Default,
        Analytics.Default,
        Health.Default,
      ),
    ),
    Layer.provideMerge(Completions.Default),
    Layer.provideMerge(Layer.mergeAll(Sessions.Default, Usage.Default, Models.Default, Files.Default)),
    Layer.provideMerge(Audit.Default),
    Layer.provideMerge(Layer.mergeAll(database, ports, configLayer)),
  )
}

/** The same on the database that the settings name. */
export const AppLayer = makeAppLayer(Sql.layer)
