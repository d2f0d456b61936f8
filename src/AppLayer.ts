import { Config, Effect, Layer } from "effect"
import { Agents } from "./domain/assistants/Agents"
import { Assistants } from "./domain/assistants/Assistants"
import { Personas } from "./domain/assistants/Personas"
import { PromptTemplates } from "./domain/assistants/PromptTemplates"
import { AccountDeletion } from "./domain/chat/AccountDeletion"
import { Arena } from "./domain/chat/Arena"
import * as ChannelAssistants from "./domain/chat/ChannelAssistants"
import { Chat } from "./domain/chat/Chat"
import { Completions } from "./domain/chat/Completions"
import { Images } from "./domain/chat/Images"
import { ConfiguredImageModels } from "./domain/chat/Images/Model"
import { PromptEnhancer } from "./domain/chat/PromptEnhancer"
import { ProviderCompletions } from "./domain/chat/ProviderCompletions"
import { Search } from "./domain/chat/Search"
import { SystemHealth } from "./domain/chat/SystemHealth"
import { Titles } from "./domain/chat/Titles"
import { Conversations } from "./domain/conversations/Conversations"
import { Shares } from "./domain/conversations/Shares"
import { Blobs } from "./domain/files/Blobs"
import { FileShares } from "./domain/files/FileShares"
import { Files } from "./domain/files/Files"
import { Thumbnails } from "./domain/files/Thumbnails"
import { Generations } from "./domain/generation/Generations"
import { GenerationSettings } from "./domain/generation/Generations/Model"
import { AccountClosures } from "./domain/identity/AccountClosures"
import { Administrators } from "./domain/identity/Administrators"
import { AdminSetup } from "./domain/identity/AdminSetup"
import { ApiKeys } from "./domain/identity/ApiKeys"
import { EmailVerification } from "./domain/identity/EmailVerification"
import { Invites } from "./domain/identity/Invites"
import { Memberships } from "./domain/identity/Memberships"
import { Mfa } from "./domain/identity/Mfa"
import { MfaMethods } from "./domain/identity/MfaMethods"
import { Organizations } from "./domain/identity/Organizations"
import { PasswordResets } from "./domain/identity/PasswordResets"
import { Sessions } from "./domain/identity/Sessions"
import { SignInLimits, signInsPerHour } from "./domain/identity/SignInLimits"
import { Teams } from "./domain/identity/Teams"
import { UserDirectory } from "./domain/identity/UserDirectory"
import { Users } from "./domain/identity/Users"
import { Calls } from "./domain/messaging/Calls"
import { Channels } from "./domain/messaging/Channels"
import { DirectMessages } from "./domain/messaging/DirectMessages"
import { IceServers, iceServers } from "./domain/messaging/IceServers"
import * as MembershipOutbox from "./domain/messaging/MembershipOutbox"
import { MessagingFeed } from "./domain/messaging/MessagingFeed"
import { Outbox } from "./domain/messaging/Outbox"
import * as PostAttachments from "./domain/messaging/PostAttachments"
import { Posts } from "./domain/messaging/Posts"
import { Presence } from "./domain/messaging/Presence"
import { ReadMarkers } from "./domain/messaging/ReadMarkers"
import { VoiceChannels } from "./domain/messaging/VoiceChannels"
import { VoiceRooms } from "./domain/messaging/VoiceRooms"
import { VoiceSignaling } from "./domain/messaging/VoiceSignaling"
import { Models } from "./domain/models/Models"
import { ModelsSettings } from "./domain/models/Models/Model"
import { ProviderAnalytics } from "./domain/models/ProviderAnalytics"
import { ProviderConfigs } from "./domain/models/ProviderConfigs"
import { ProviderHealth } from "./domain/models/ProviderHealth"
import { Analytics } from "./domain/operations/Analytics"
import { Audit } from "./domain/operations/Audit"
import { Feedback } from "./domain/operations/Feedback"
import { Health } from "./domain/operations/Health"
import { ModelStreams } from "./domain/operations/ModelStreams"
import { Monitoring } from "./domain/operations/Monitoring"
import { Observability } from "./domain/operations/Observability"
import { Settings } from "./domain/operations/Settings"
import { Statistics } from "./domain/operations/Statistics"
import { Usage } from "./domain/operations/Usage"
import { UsageEvents } from "./domain/operations/UsageEvents"
import { ChangeFeed } from "./domain/shared/ChangeFeed"
import { drainTimeout, durationConfig, integerConfig } from "./domain/shared/ConfigHelpers"
import { CurrentSettings } from "./domain/shared/CurrentSettings"
import { PublicUrl, publicUrl } from "./domain/shared/PublicUrl"
import { Collections } from "./domain/workspace/Collections"
import { Documents } from "./domain/workspace/Documents"
import { Goals } from "./domain/workspace/Goals"
import { Projects } from "./domain/workspace/Projects"
import * as ConfiguredSettings from "./infra/ConfiguredSettings"
import * as IdGenerator from "./infra/crypto/Ids"
import * as PasswordHasher from "./infra/crypto/PasswordHasher"
import * as SecretBox from "./infra/crypto/SecretBox"
import { jwtSecret, previousJwtSecret } from "./infra/crypto/SigningKey"
import * as Tokens from "./infra/crypto/Tokens"
import * as Totp from "./infra/crypto/Totp"
import * as WebAuthn from "./infra/crypto/WebAuthn"
import * as Database from "./infra/Database"
import { allowPrivateUrls } from "./infra/http-client/guardedFetch"
import * as ImageResizer from "./infra/images/ImageResizer"
import * as LlmCallPolicy from "./infra/llm/CallPolicy"
import * as ImageModel from "./infra/llm/ImageModel"
import * as LanguageModel from "./infra/llm/LanguageModel"
import * as ModelCatalog from "./infra/llm/ModelCatalog"
import * as LlmProviders from "./infra/llm/ProvidersConfig"
import * as Mailer from "./infra/mail/Mailer"
import * as RateLimiter from "./infra/memory/RateLimiter"
import * as ClusterNotifications from "./infra/postgres/ClusterNotifications"
import * as Migrations from "./infra/postgres/Migrations"
import * as Node from "./infra/postgres/Node"
import * as SmsWebhook from "./infra/sms/SmsWebhook"
import * as BlobStore from "./infra/storage/LocalBlobStore"
import * as MediaTypes from "./infra/storage/MediaTypes"
import * as RemoteFiles from "./infra/storage/RemoteFiles"
import * as ProcessStats from "./infra/telemetry/ProcessStats"

type DatabaseServices = Layer.Layer.Success<typeof Database.layer>

const tokenCount = (name: string, fallback: number) =>
  integerConfig(name, { min: 1, max: 100_000_000, fallback })

/** The domain's defaults, for variables that are unset. */
const defaultGenerationSettings = GenerationSettings.defaultValue()
const defaultModelsSettings = ModelsSettings.defaultValue()

/** The configuration of the domain services. */
const domainConfig = Config.all({
  publicUrl,
  iceServers,
  modelsTtl: durationConfig("MODELS_TTL", {
    min: "1 second",
    max: "365 days",
    fallback: defaultModelsSettings.ttl,
  }),
  imageModels: Config.map(Config.withDefault(Config.string("IMAGE_MODELS"), ""), (names) =>
    names.split(",").flatMap((name) => name.trim() || []),
  ),
  generation: Config.all({
    drainTimeout,
    maxDuration: durationConfig("LLM_STREAM_TIMEOUT", {
      min: "1 second",
      max: "24 hours",
      fallback: defaultGenerationSettings.maxDuration,
    }),
    maxAnswerChars: integerConfig("MAX_ANSWER_CHARACTERS", {
      min: 1,
      max: 10_000_000,
      fallback: defaultGenerationSettings.maxAnswerChars,
    }),
    maxOutputTokens: tokenCount("MAX_OUTPUT_TOKENS", defaultGenerationSettings.maxOutputTokens),
    contextTokens: tokenCount("CONTEXT_TOKENS", defaultGenerationSettings.contextTokens),
  }),
})

const configLayer = Layer.unwrapEffect(
  Effect.map(domainConfig, ({ modelsTtl, publicUrl, iceServers, imageModels, generation: overrides }) =>
    Layer.mergeAll(
      Layer.succeed(ModelsSettings, { ...defaultModelsSettings, ttl: modelsTtl }),
      Layer.succeed(PublicUrl, publicUrl),
      Layer.succeed(IceServers, iceServers),
      Layer.succeed(ConfiguredImageModels, imageModels),
      Layer.succeed(GenerationSettings, { ...defaultGenerationSettings, ...overrides }),
    ),
  ),
)

/** The configuration of the domain services and of the infrastructure they depend on. */
export const appConfig = Config.all([
  domainConfig,
  Database.databaseConfig,
  LlmCallPolicy.config,
  ConfiguredSettings.config,
  LlmProviders.config,
  Mailer.config,
  signInsPerHour,
  SmsWebhook.smsWebhookUrl,
  PasswordHasher.maxConcurrentHashes,
  allowPrivateUrls,
  jwtSecret,
  previousJwtSecret,
])

const ports = Layer.mergeAll(
  IdGenerator.layer,
  PasswordHasher.layer,
  Tokens.layer,
  Totp.layer,
  WebAuthn.layer,
  SmsWebhook.layer,
  SecretBox.layer,
  LanguageModel.layer,
  ModelCatalog.layer,
  RateLimiter.layer,
  BlobStore.layer,
  MediaTypes.layer,
  ImageResizer.layer,
  RemoteFiles.layer,
  Layer.provide(Mailer.layer, configLayer),
  ImageModel.layer,
  ProcessStats.layer,
  ConfiguredSettings.layer,
)

/** Makes the layer of all domain services on a database, each of which is constructed once. */
export const makeAppLayer = <E>(sql: Layer.Layer<DatabaseServices, E>) => {
  const database = Layer.mergeAll(ClusterNotifications.layer, Node.layer, Migrations.layer).pipe(
    Layer.provideMerge(sql),
  )
  return Layer.mergeAll(
    AccountDeletion.Default,
    AdminSetup.Default,
    Calls.Default,
    Chat.Default,
    ChannelAssistants.layer,
    Arena.Default,
    Search.Default,
    SystemHealth.Default,
  ).pipe(
    Layer.provideMerge(
      Layer.mergeAll(
        Administrators.Default,
        Generations.Default,
        Titles.Default,
        ProviderCompletions.Default,
      ),
    ),
    Layer.provideMerge(
      Layer.mergeAll(
        Conversations.Default,
        Shares.Default,
        FileShares.Default,
        Thumbnails.Default,
        Agents.Default,
        Personas.Default,
        PromptEnhancer.Default,
        Images.Default,
        PromptTemplates.Default,
        Users.Default,
        EmailVerification.Default,
        PasswordResets.Default,
        ApiKeys.Default,
        UserDirectory.Default,
        Teams.Default,
        Organizations.Default,
        Invites.Default,
        Analytics.Default,
        Feedback.Default,
        Observability.Default,
        ProviderAnalytics.Default,
        ProviderHealth.Default,
        Documents.Default,
        Goals.Default,
        Projects.Default,
        DirectMessages.Default,
        Posts.Default,
        VoiceChannels.Default,
        VoiceSignaling.Default,
        ReadMarkers.Default,
        Presence.Default,
        Health.Default,
        Settings.Default,
        Statistics.Default,
      ),
    ),
    Layer.provideMerge(
      Layer.mergeAll(
        Assistants.Default,
        Collections.Default,
        ProviderConfigs.Default,
        Completions.Default,
        MessagingFeed.Default,
      ),
    ),
    Layer.provideMerge(Files.Default),
    Layer.provideMerge(PostAttachments.layer),
    Layer.provideMerge(Channels.Default),
    Layer.provideMerge(
      Layer.mergeAll(
        SignInLimits.Default,
        Layer.provideMerge(Mfa.Default, Layer.provideMerge(MfaMethods.Default, Sessions.Default)),
        Memberships.Default,
        Usage.Default,
        UsageEvents.Default,
        Models.Default,
        Monitoring.Default,
      ),
    ),
    Layer.provideMerge(MembershipOutbox.layer),
    Layer.provideMerge(VoiceRooms.Default),
    Layer.provideMerge(Outbox.Default),
    Layer.provideMerge(
      Layer.mergeAll(
        AccountClosures.Default,
        Audit.Default,
        Blobs.Default,
        ChangeFeed.Default,
        ModelStreams.Default,
      ),
    ),
    Layer.provideMerge(CurrentSettings.Default),
    Layer.provideMerge(Layer.mergeAll(database, ports, configLayer)),
  )
}

/** Provides all domain services on the configured database. */
export const AppLayer = makeAppLayer(Database.layer)
