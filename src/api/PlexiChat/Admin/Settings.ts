import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { Settings } from "../../../domain/operations/Settings"
import { SettingsValues } from "../../../domain/shared/CurrentSettings/Model"
import { Authenticated, withActor } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import { optional, renamed } from "../../../http/Fields"
import { defineResource } from "../../../http/Resource"
import { enveloped } from "../Envelope"
import { errors } from "../Errors"

const settingsExample = {
  registration_open: true,
  default_model: "openai/gpt-4o-mini",
  tokens_limit: 100_000,
  max_file_bytes: 20_971_520,
  motd: "Maintenance on Sunday at 06:00 UTC",
}

const { registrationOpen, defaultModel, tokensLimit, maxFileBytes, motd } = SettingsValues.fields

const descriptions = {
  registrationOpen: "Whether anybody may register",
  defaultModel: "The id of the model that answers when none is chosen",
  tokensLimit: "The token limit of new users; -1 for no limit",
  maxFileBytes: "The maximum size of an uploaded file, in bytes",
  motd: "A message of the day, which users receive when they sign in; empty for none",
}

const Locked = Schema.Array(
  Schema.Literal("registration_open", "default_model", "tokens_limit", "max_file_bytes", "motd"),
)

const SettingsBody = Schema.Struct({
  registrationOpen: renamed(
    "registration_open",
    registrationOpen.annotations({ description: descriptions.registrationOpen }),
  ),
  defaultModel: renamed(
    "default_model",
    defaultModel.annotations({ description: descriptions.defaultModel }),
  ),
  tokensLimit: renamed("tokens_limit", tokensLimit.annotations({ description: descriptions.tokensLimit })),
  maxFileBytes: renamed(
    "max_file_bytes",
    maxFileBytes.annotations({ description: descriptions.maxFileBytes }),
  ),
  motd: motd.annotations({ description: descriptions.motd }),
  locked: Locked.annotations({
    description: "The settings that environment variables set, which win over what is stored",
  }),
}).annotations({ identifier: "Settings", ...example({ ...settingsExample, locked: ["default_model"] }) })

const nullable = <A, I>(schema: Schema.Schema<A, I>, description: string) =>
  optional(Schema.NullOr(schema)).annotations({ description: `${description}; null for the default` })

const SettingsChange = Schema.Struct({
  registrationOpen: nullable(registrationOpen, descriptions.registrationOpen).pipe(
    Schema.fromKey("registration_open"),
  ),
  defaultModel: nullable(defaultModel, descriptions.defaultModel).pipe(Schema.fromKey("default_model")),
  tokensLimit: nullable(tokensLimit, descriptions.tokensLimit).pipe(Schema.fromKey("tokens_limit")),
  maxFileBytes: nullable(maxFileBytes, descriptions.maxFileBytes).pipe(Schema.fromKey("max_file_bytes")),
  motd: nullable(motd, descriptions.motd).pipe(Schema.fromKey("motd")),
  locked: optional(Locked)
    .annotations({
      description: "Ignored, so that a client can send back what it received",
    })
    .pipe(Schema.fromKey("locked")),
}).annotations({
  parseOptions: { errors: "all", onExcessProperty: "error" },
  ...example({ registration_open: false, motd: settingsExample.motd }),
})

/** Names settings as bodies do. */
const wireNames = {
  registrationOpen: "registration_open",
  defaultModel: "default_model",
  tokensLimit: "tokens_limit",
  maxFileBytes: "max_file_bytes",
  motd: "motd",
} as const

const toBody = <S extends { readonly locked: ReadonlyArray<keyof typeof wireNames> }>(settings: S) => ({
  ...settings,
  locked: settings.locked.map((name) => wireNames[name]),
})

const endpoints = HttpApiGroup.make("settings")
  .add(
    HttpApiEndpoint.get("v1GetSettings", "/v1/admin/settings")
      .addSuccess(enveloped("The settings", SettingsBody))
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "Get the settings (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Returns the settings that can change while the server runs.",
      ),
  )
  .add(
    HttpApiEndpoint.put("v1UpdateSettings", "/v1/admin/settings")
      .setPayload(SettingsChange)
      .addSuccess(enveloped("The settings", SettingsBody))
      .addError(errors.AdminRequired)
      .addError(errors.DefaultModelUnknown)
      .addError(errors.SettingLocked)
      .annotate(OpenApi.Summary, "Change settings (admin)")
      .annotate(
        OpenApi.Description,
        "For administrators. Changes the settings that are present, at once on all nodes; null resets one to its default. A setting that an environment variable sets is locked. Changes are recorded in the audit log.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Settings")
  .annotate(OpenApi.Description, "Settings of the server that take effect without a restart.")

export const settings = defineResource({
  group: endpoints,
  prefixes: [],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const settings = yield* Settings
      return handlers
        .handle(
          "v1GetSettings",
          withActor((actor) => Effect.map(settings.get(actor), toBody)),
        )
        .handle(
          "v1UpdateSettings",
          withActor((actor, { payload: { locked: _, ...change } }) =>
            Effect.map(settings.update(actor, change), toBody),
          ),
        )
    }),
})
