import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { ApiKeys } from "../../domain/identity/ApiKeys"
import { ApiKeyId, ApiKeyName } from "../../domain/identity/ApiKeys/Model"
import { ApiKeyScope } from "../../domain/shared/Actor"
import { SessionOnly } from "../../http/Annotations"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { Fields, optional, optionalRenamed, renamed, reportWithFieldErrors } from "../../http/Fields"
import { defineResource } from "../../http/Resource"
import { enveloped, envelopedPage, pageParams } from "./Envelope"
import { errors } from "./Errors"
import { paged } from "./Paging"

const apiKeyExample = {
  id: "019bc0f1-2d05-7c3a-9d52-6f1e8a7b4c77",
  name: "Deployment bot",
  scopes: ["read", "write"],
  created_at: "2026-01-15T09:30:00.000Z",
  expires_at: "2036-01-15T09:30:00.000Z",
  last_used_at: null,
}

const scopes = {
  description:
    "What the key permits: `read` operations that change nothing, `write` those that do, `admin` those of administrators",
}

const apiKeyFields = {
  id: ApiKeyId,
  name: Schema.String,
  scopes: Schema.Array(ApiKeyScope).annotations(scopes),
  createdAt: renamed("created_at", Schema.Date),
  expiresAt: renamed(
    "expires_at",
    Schema.NullOr(Schema.Date).annotations({ description: "When it expires; null for never" }),
  ),
  lastUsedAt: renamed(
    "last_used_at",
    Schema.NullOr(Schema.Date).annotations({
      description: "When it was last used, to a minute; null for never",
    }),
  ),
}

const ApiKey = Schema.Struct(apiKeyFields).annotations({
  identifier: "PlexiChatApiKey",
  ...example(apiKeyExample),
})

const NewApiKey = Schema.Struct({
  ...apiKeyFields,
  key: Schema.String.annotations({ description: "The key itself, which is shown only now" }),
}).annotations({
  identifier: "PlexiChatNewApiKey",
  ...example({ ...apiKeyExample, key: "pk_qZ0c8Xh3yQm5Wf7sJ1uTn9vBk2rLd4pGe6aYoIxSwDE" }),
})

const apiKeyParam = HttpApiSchema.param(
  "id",
  ApiKeyId.annotations({ description: "The key's id", ...example(apiKeyExample.id) }),
)

const isFuture = (date: Date | null | undefined) => date === null || date === undefined || date > new Date()

const Creation = Fields({
  name: renamed("name", ApiKeyName).annotations({ description: "What the key is for, 1 to 100 characters" }),
  scopes: optional(
    Schema.Array(ApiKeyScope)
      .pipe(Schema.minItems(1, { message: () => "must not be empty" }))
      .annotations({ description: `${scopes.description}. By default all that the user may do` }),
  ),
  expiresAt: optionalRenamed(
    "expires_at",
    Schema.NullOr(Schema.Date).annotations({
      description: "When the key expires, in the future; never by default",
    }),
  ),
}).pipe(
  Schema.filter(
    ({ expiresAt }) => isFuture(expiresAt) || { path: ["expires_at"], message: "must be in the future" },
    reportWithFieldErrors,
  ),
  Schema.annotations({
    ...example({
      name: apiKeyExample.name,
      scopes: apiKeyExample.scopes,
      expires_at: apiKeyExample.expires_at,
    }),
  }),
)

const endpoints = HttpApiGroup.make("apiKeys")
  .add(
    HttpApiEndpoint.get("v1ListApiKeys", "/v1/auth/api-keys")
      .setUrlParams(Fields(pageParams))
      .addSuccess(envelopedPage("A page of the user's API keys", ApiKey))
      .annotate(OpenApi.Summary, "List API keys")
      .annotate(OpenApi.Description, "Returns the user's keys, newest first, without the keys themselves."),
  )
  .add(
    HttpApiEndpoint.post("v1CreateApiKey", "/v1/auth/api-keys")
      .setPayload(Creation)
      .addSuccess(enveloped("The key, with its secret", NewApiKey), { status: 201 })
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "Create an API key")
      .annotate(
        OpenApi.Description,
        "Creates a key with which a program acts as the user in every contract, as `X-API-Key` or bearer token. It is shown once. Only administrators may give the scope `admin`. A new password leaves keys valid.",
      ),
  )
  .add(
    HttpApiEndpoint.get("v1GetApiKey")`/v1/auth/api-keys/${apiKeyParam}`
      .addSuccess(enveloped("The API key", ApiKey))
      .addError(errors.ApiKeyNotFound)
      .annotate(OpenApi.Summary, "Get an API key")
      .annotate(OpenApi.Description, "Returns a key of the user, without the key itself."),
  )
  .add(
    HttpApiEndpoint.del("v1RevokeApiKey")`/v1/auth/api-keys/${apiKeyParam}`
      .addSuccess(HttpApiSchema.NoContent)
      .addError(errors.ApiKeyNotFound)
      .annotate(OpenApi.Summary, "Revoke an API key")
      .annotate(
        OpenApi.Description,
        "Deletes the key. Requests with it fail at once, and its streams and sockets close.",
      ),
  )
  .middleware(Authenticated)
  .annotate(SessionOnly, true)
  .annotate(OpenApi.Title, "API keys")
  .annotate(
    OpenApi.Description,
    "Keys with which programs act as their user. They cannot manage keys, passwords, sessions or the account.",
  )

export const apiKeys = defineResource({
  group: endpoints,
  prefixes: [],
  handlers: (handlers) =>
    Effect.map(ApiKeys, (apiKeys) =>
      handlers
        .handle(
          "v1ListApiKeys",
          withActor((actor, { urlParams }) => paged(urlParams, (range) => apiKeys.list(actor, range))),
        )
        .handle(
          "v1CreateApiKey",
          withActor((actor, { payload }) => apiKeys.create(actor, payload)),
        )
        .handle(
          "v1GetApiKey",
          withActor((actor, { path }) => apiKeys.get(actor, path.id)),
        )
        .handle(
          "v1RevokeApiKey",
          withActor((actor, { path }) => apiKeys.revoke(actor, path.id)),
        ),
    ),
})
