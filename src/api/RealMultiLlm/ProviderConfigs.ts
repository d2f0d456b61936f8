import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Effect, Option, Schema } from "effect"
import type { ProviderId } from "../../domain/models/ProviderAccount"
import { ProviderConfigs } from "../../domain/models/ProviderConfigs"
import { ProviderConfigNotFound } from "../../domain/models/ProviderConfigs/Errors"
import { ProviderConfigFields, ProviderConfigId } from "../../domain/models/ProviderConfigs/Model"
import { UserId } from "../../domain/shared/Actor"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { Fields, optional } from "../../http/Fields"
import { defineResource } from "../../http/Resource"
import { errors } from "./Errors"
import { ProviderName, providerIdOf, providerName, providerOf } from "./ProviderName"

const ProviderConfig = Schema.Struct({
  id: ProviderConfigId,
  provider: Schema.String,
  enabled: Schema.Boolean,
  defaultModel: Schema.NullOr(Schema.String),
  baseUrl: Schema.NullOr(Schema.String),
  hasApiKey: Schema.Boolean.annotations({ description: "Whether a key is stored; it is never returned" }),
  userId: UserId,
  createdAt: Schema.Date,
  updatedAt: Schema.Date,
}).annotations({
  identifier: "ProviderConfig",
  description: "The configuration",
  ...example({
    id: "019bc0f1-2d07-7c3a-9d52-2e8b4f6a1c90",
    provider: "openai",
    enabled: true,
    defaultModel: "gpt-4o",
    baseUrl: null,
    hasApiKey: false,
    userId: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
    createdAt: "2026-01-15T10:30:00.000Z",
    updatedAt: "2026-01-15T10:30:00.000Z",
  }),
})

const fields = {
  enabled: optional(ProviderConfigFields.enabled).annotations({
    description: "Whether the user's calls may go to this provider",
  }),
  defaultModel: optional(ProviderConfigFields.defaultModel).annotations({
    description: "The provider's own name of the model for requests that name none; null for the provider's",
  }),
  apiKey: optional(ProviderConfigFields.apiKey).annotations({
    description:
      "The user's own key, for the user's own calls; stored encrypted, never returned. Null removes it",
  }),
  baseUrl: optional(ProviderConfigFields.baseUrl).annotations({
    description:
      "The address of the user's own server with the API of OpenAI, not in a private network. Null removes it",
  }),
}

const provider = HttpApiSchema.param(
  "provider",
  Schema.String.annotations({ description: "The provider's name", ...example("openai") }),
)
const path = "/api/provider-configs"

const endpoints = HttpApiGroup.make("providerConfigs")
  .add(
    HttpApiEndpoint.get("listProviderConfigs", path)
      .addSuccess(Schema.Array(ProviderConfig).annotations({ description: "All configurations of the user" }))
      .annotate(OpenApi.Summary, "List provider configurations")
      .annotate(OpenApi.Description, "Returns all configurations of the user, oldest first."),
  )
  .add(
    HttpApiEndpoint.post("createProviderConfig", path)
      .setPayload(
        Fields({ provider: ProviderName, ...fields }).annotations(
          example({ provider: "openai", enabled: true, defaultModel: "gpt-4o" }),
        ),
      )
      .addSuccess(ProviderConfig, { status: 201 })
      .addError(errors.ProviderConfigExists)
      .annotate(OpenApi.Summary, "Configure a provider")
      .annotate(
        OpenApi.Description,
        "Creates the user's configuration of a provider, one for each. With a key or a base URL of the user's own, the user's calls under `/api/llm` go there and do not count towards the token limit.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getProviderConfig")`/api/provider-configs/${provider}`
      .addSuccess(ProviderConfig)
      .addError(errors.ProviderConfigNotFound)
      .annotate(OpenApi.Summary, "Get a provider configuration")
      .annotate(OpenApi.Description, "Returns the user's configuration of a provider."),
  )
  .add(
    HttpApiEndpoint.put("updateProviderConfig")`/api/provider-configs/${provider}`
      .setPayload(Fields(fields).annotations(example({ enabled: false, defaultModel: "gpt-4o-mini" })))
      .addSuccess(ProviderConfig)
      .addError(errors.ProviderConfigNotFound)
      .annotate(OpenApi.Summary, "Update a provider configuration")
      .annotate(OpenApi.Description, "Updates the fields that are present."),
  )
  .add(
    HttpApiEndpoint.del("deleteProviderConfig")`/api/provider-configs/${provider}`
      .addSuccess(HttpApiSchema.NoContent.annotations({ description: "The configuration was deleted" }))
      .addError(errors.ProviderConfigNotFound)
      .annotate(OpenApi.Summary, "Delete a provider configuration")
      .annotate(OpenApi.Description, "Deletes the configuration with its key."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Provider configurations")
  .annotate(OpenApi.Description, "How each user uses model providers. Each user sees only their own.")

/** Runs an operation on the provider that the path names. A provider that does not exist is not configured. */
const withProvider = <A, E, R>(
  name: string,
  operation: (provider: ProviderId) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E | ProviderConfigNotFound, R> =>
  Option.match(providerIdOf(name), { onNone: () => new ProviderConfigNotFound(), onSome: operation })

export const providerConfigs = defineResource({
  group: endpoints,
  prefixes: [path],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const configs = yield* ProviderConfigs
      return handlers
        .handle(
          "listProviderConfigs",
          withActor((actor) =>
            Effect.map(configs.list(actor), (all) =>
              all.map((config) => ({ ...config, provider: providerName(config.provider) })),
            ),
          ),
        )
        .handle(
          "createProviderConfig",
          withActor((actor, { payload: { provider: name, ...input } }) =>
            Effect.map(configs.create(actor, { ...input, provider: providerOf(name) }), (config) => ({
              ...config,
              provider: name,
            })),
          ),
        )
        .handle(
          "getProviderConfig",
          withActor((actor, { path: { provider: name } }) =>
            withProvider(name, (provider) =>
              Effect.map(configs.get(actor, provider), (config) => ({ ...config, provider: name })),
            ),
          ),
        )
        .handle(
          "updateProviderConfig",
          withActor((actor, { path: { provider: name }, payload }) =>
            withProvider(name, (provider) =>
              Effect.map(configs.update(actor, provider, payload), (config) => ({
                ...config,
                provider: name,
              })),
            ),
          ),
        )
        .handle(
          "deleteProviderConfig",
          withActor((actor, { path: { provider: name } }) =>
            withProvider(name, (provider) => configs.remove(actor, provider)),
          ),
        )
    }),
})
