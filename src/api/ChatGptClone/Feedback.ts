import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { Feedback } from "../../domain/operations/Feedback"
import { FeedbackFields } from "../../domain/operations/Feedback/Model"
import { UserId } from "../../domain/shared/Actor"
import { Uuid } from "../../domain/shared/Ids"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { Fields } from "../../http/Fields"
import { defineResource } from "../../http/Resource"
import { Success } from "./Body"
import { errors } from "./Errors"
import { ranged, rangeFields, rangeParams } from "./Paging"

const newFeedback = { type: "idea", content: "A shortcut for a new chat would help." }

const FeedbackEntry = Schema.Struct({
  id: Uuid,
  userId: Schema.NullOr(UserId).annotations({ description: "Null once the account is deleted" }),
  email: Schema.NullOr(Schema.String).annotations({ description: "Null once the account is deleted" }),
  type: Schema.String,
  content: Schema.String,
  createdAt: Schema.Date,
}).annotations({
  identifier: "Feedback",
  ...example({
    id: "019bc0f1-2d02-7c3a-9d52-1b7f60c9a4d3",
    userId: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
    email: "ada@example.com",
    ...newFeedback,
    createdAt: "2026-01-15T09:30:00.000Z",
  }),
})

const endpoints = HttpApiGroup.make("feedback")
  .add(
    HttpApiEndpoint.post("submitFeedback", "/api/feedback")
      .setPayload(
        Fields({
          type: Schema.propertySignature(FeedbackFields.type).annotations({
            description: "What kind of feedback it is, such as `bug` or `idea`",
          }),
          content: Schema.propertySignature(FeedbackFields.content).annotations({
            description: "The feedback",
          }),
        }).annotations(example(newFeedback)),
      )
      .addSuccess(Success, { status: 201 })
      .annotate(OpenApi.Summary, "Submit feedback")
      .annotate(OpenApi.Description, "Stores feedback for the administrators."),
  )
  .add(
    HttpApiEndpoint.get("listFeedback", "/api/admin/feedback")
      .setUrlParams(Fields(rangeParams()))
      .addSuccess(
        Schema.Struct(rangeFields("feedback", FeedbackEntry)).annotations({
          description: "A range of the feedback",
        }),
      )
      .addError(errors.AdminRequired)
      .annotate(OpenApi.Summary, "List feedback (admin)")
      .annotate(OpenApi.Description, "For administrators. Returns the feedback of all users, newest first."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Feedback")
  .annotate(OpenApi.Description, "What users tell the administrators.")

export const feedback = defineResource({
  group: endpoints,
  prefixes: ["/api/feedback"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const feedback = yield* Feedback
      return handlers
        .handle(
          "submitFeedback",
          withActor((actor, { payload }) => feedback.submit(actor, payload)),
        )
        .handle(
          "listFeedback",
          withActor((actor, { urlParams }) => ranged(urlParams, (range) => feedback.page(actor, range))),
        )
    }),
})
