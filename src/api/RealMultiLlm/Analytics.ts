import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Effect, Option, Schema } from "effect"
import { ProviderAnalytics } from "../../domain/models/ProviderAnalytics"
import type { ProviderAnalyticsReport } from "../../domain/models/ProviderAnalytics/Model"
import { Uuid } from "../../domain/shared/Ids"
import { SingleLineText } from "../../domain/shared/Text"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { encodeOnly, Fields, optional } from "../../http/Fields"
import { invalid } from "../../http/HttpError"
import { DateTimeParam, OptionalTextParam } from "../../http/Params"
import { defineResource } from "../../http/Resource"
import { providerIdOf, providerName } from "./ProviderName"

const counts = { requests: Schema.Int, tokens: Schema.Int }

const AnalyticsBody = encodeOnly(
  Schema.Struct({
    totalRequests: Schema.Int,
    totalTokens: Schema.Int,
    avgResponseTime: Schema.Number.annotations({ description: "In seconds; 0 without requests" }),
    topProvider: Schema.NullOr(Schema.String).annotations({
      description: "The provider with the most requests; null without any",
    }),
    providerBreakdown: Schema.Record({ key: Schema.String, value: Schema.Struct(counts) }),
    dailyUsage: Schema.Array(Schema.Struct({ date: Schema.String, ...counts })).annotations({
      description: "Ascending, in UTC; days without requests are left out",
    }),
  }),
  ({ topProvider, byProvider, byDay, ...totals }: ProviderAnalyticsReport) => ({
    ...totals,
    topProvider: topProvider === null ? null : providerName(topProvider),
    providerBreakdown: Object.fromEntries(
      [...byProvider].map(([provider, counts]) => [providerName(provider), counts]),
    ),
    dailyUsage: [...byDay].map(([date, counts]) => ({ date, ...counts })),
  }),
).annotations({
  identifier: "ProviderAnalytics",
  description: "The user's calls of models",
  ...example({
    totalRequests: 150,
    totalTokens: 45_000,
    avgResponseTime: 1.2,
    topProvider: "openai",
    providerBreakdown: {
      openai: { requests: 100, tokens: 30_000 },
      claude: { requests: 50, tokens: 15_000 },
    },
    dailyUsage: [{ date: "2026-01-15", requests: 25, tokens: 7500 }],
  }),
})

const Count = Schema.Int.pipe(
  Schema.between(0, 2_147_483_647, { message: () => "must be a whole number from 0 to 2147483647" }),
)

const NewEvent = Fields({
  provider: Schema.propertySignature(SingleLineText(1, 100)).annotations({
    description: "Any name; those that Parley knows are grouped with its own calls",
  }),
  model: Schema.propertySignature(SingleLineText(1, 200)).annotations({
    description: "The provider's name of the model",
  }),
  promptTokens: Schema.propertySignature(Count).annotations({ description: "Tokens of the prompt" }),
  completionTokens: Schema.propertySignature(Count).annotations({ description: "Tokens of the answer" }),
  totalTokens: optional(Count).annotations({ description: "Both together, which is the default" }),
  responseTime: optional(Count).annotations({ description: "In milliseconds" }),
  success: optional(Schema.Boolean).annotations({
    description: "Whether the call succeeded; it did by default",
  }),
}).annotations(
  example({
    provider: "openai",
    model: "gpt-4o",
    promptTokens: 10,
    completionTokens: 150,
    totalTokens: 160,
    responseTime: 1200,
    success: true,
  }),
)

const endpoints = HttpApiGroup.make("providerAnalytics")
  .add(
    HttpApiEndpoint.get("getProviderAnalytics", "/api/analytics")
      .setUrlParams(
        Fields({
          startDate: Schema.optional(DateTimeParam).annotations({ description: "The first day" }),
          endDate: Schema.optional(DateTimeParam).annotations({ description: "The last day, included" }),
          provider: OptionalTextParam("Only calls of this provider"),
        }).annotations(example({ startDate: "2026-01-01T00:00:00.000Z", provider: "openai" })),
      )
      .addSuccess(AnalyticsBody)
      .annotate(OpenApi.Summary, "Get analytics")
      .annotate(
        OpenApi.Description,
        "Returns the user's calls of models in whole days of UTC: those that this server made and those that were recorded with `POST`, each counted once.",
      ),
  )
  .add(
    HttpApiEndpoint.post("recordAnalyticsEvent", "/api/analytics")
      .setPayload(NewEvent)
      .addSuccess(
        Schema.Struct({ id: Uuid, success: Schema.Literal(true) }).annotations({
          description: "The event was recorded",
          ...example({ id: "019bc0f1-2d04-7c3a-9d52-0c1f2e3d4b5a", success: true }),
        }),
        { status: 201 },
      )
      .annotate(OpenApi.Summary, "Record a call of a model")
      .annotate(
        OpenApi.Description,
        "Records a call. If this server made it, within the last ten minutes and with the same model and tokens, it is counted already and not counted again. Recorded calls cost nothing and count towards no limit.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Analytics")
  .annotate(OpenApi.Description, "What users' calls of models amount to.")

export const analytics = defineResource({
  group: endpoints,
  prefixes: ["/api/analytics"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const analytics = yield* ProviderAnalytics
      const toId = (name: string) => Option.getOrElse(providerIdOf(name), () => name)
      return handlers
        .handle(
          "getProviderAnalytics",
          withActor((actor, { urlParams: { startDate: from, endDate: to, provider } }) =>
            from !== undefined && to !== undefined && from > to
              ? Effect.die(invalid([{ field: "startDate", message: "must not be after endDate" }]))
              : analytics.report(actor, {
                  from,
                  to,
                  provider: provider === undefined ? undefined : toId(provider),
                }),
          ),
        )
        .handle(
          "recordAnalyticsEvent",
          withActor((actor, { payload: { responseTime, totalTokens, success = true, ...event } }) =>
            analytics
              .record(actor, {
                ...event,
                provider: toId(event.provider),
                totalTokens: totalTokens ?? event.promptTokens + event.completionTokens,
                milliseconds: responseTime ?? null,
                success,
              })
              .pipe(Effect.map((id) => ({ id, success: true as const }))),
          ),
        )
    }),
})
