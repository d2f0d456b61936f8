import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { Usage } from "../../domain/operations/Usage"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { Fields, renamed } from "../../http/Fields"
import { invalid } from "../../http/HttpError"
import { DateTimeParam } from "../../http/Params"
import { defineResource } from "../../http/Resource"
import { bodyOf } from "./Body"

const figures = {
  requests: Schema.Int.annotations({ description: "Calls of a model" }),
  messages: Schema.Int.annotations({ description: "Messages answered" }),
  promptTokens: Schema.Int,
  completionTokens: Schema.Int,
  totalTokens: Schema.Int,
  costUsd: Schema.transform(
    Schema.Number.annotations({ description: "In US dollars; calls of unknown price cost nothing" }),
    Schema.String,
    { strict: true, decode: String, encode: Number },
  ),
}

const exampleFigures = {
  requests: 3,
  messages: 2,
  promptTokens: 120,
  completionTokens: 340,
  totalTokens: 460,
  costUsd: 0.0037,
}

const UsageReport = Schema.Struct({
  ...figures,
  tokensLimit: Schema.Int.annotations({ description: "The user's total token limit; -1 for none" }),
  tokensRemaining: Schema.Int.annotations({ description: "What is left of the limit; -1 for no limit" }),
  byModel: Schema.Array(Schema.Struct({ model: Schema.String, ...figures })).annotations({
    description: "Most used first",
  }),
  byDay: Schema.Array(
    Schema.Struct({ day: renamed("date", Schema.String.annotations({ description: "In UTC" })), ...figures }),
  ).annotations({ description: "Ascending; days without usage are left out" }),
}).annotations({
  identifier: "UsageReport",
  ...example({
    ...exampleFigures,
    tokensLimit: 100_000,
    tokensRemaining: 99_540,
    byModel: [{ model: "openai/gpt-4o", ...exampleFigures }],
    byDay: [{ date: "2026-01-15", ...exampleFigures }],
  }),
})

const endpoints = HttpApiGroup.make("usage")
  .add(
    HttpApiEndpoint.get("getUsage", "/api/usage")
      .setUrlParams(
        Fields({
          startDate: Schema.optional(DateTimeParam).annotations({
            description: "The first day; the user's first one by default",
          }),
          endDate: Schema.optional(DateTimeParam).annotations({
            description: "The last day, included; today by default",
          }),
        }),
      )
      .addSuccess(bodyOf("The usage", "usage", UsageReport))
      .annotate(OpenApi.Summary, "Get the usage")
      .annotate(
        OpenApi.Description,
        "Returns the user's calls, tokens and costs of a period of whole days in UTC, in total, by model and by day.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Usage")
  .annotate(OpenApi.Description, "What a user has consumed.")

export const usage = defineResource({
  group: endpoints,
  prefixes: ["/api/usage"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const usage = yield* Usage
      return handlers.handle(
        "getUsage",
        withActor((actor, { urlParams: { startDate: from, endDate: to } }) =>
          from !== undefined && to !== undefined && from > to
            ? Effect.die(invalid([{ field: "startDate", message: "must not be after endDate" }]))
            : usage.report(actor, { from, to }),
        ),
      )
    }),
})
