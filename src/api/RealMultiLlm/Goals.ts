import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { UserId } from "../../domain/shared/Actor"
import { Goals } from "../../domain/workspace/Goals"
import { GoalFields, GoalId } from "../../domain/workspace/Goals/Model"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { Fields, optional } from "../../http/Fields"
import { defineResource } from "../../http/Resource"
import { errors } from "./Errors"
import { rowId, rowIdField, rowIdParam } from "./RowId"

const goalExample = {
  id: "019bc0f1-2d01-7c3a-9d52-4f0a6c1e2b11",
  title: "Learn TypeScript",
  description: "Complete TypeScript course",
  status: "in_progress",
  userId: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
  createdAt: "2026-01-15T10:30:00.000Z",
  updatedAt: "2026-01-15T10:30:00.000Z",
}

const Goal = Schema.Struct({
  id: GoalId,
  title: Schema.String,
  description: Schema.NullOr(Schema.String),
  status: GoalFields.status,
  userId: UserId,
  createdAt: Schema.Date,
  updatedAt: Schema.Date,
}).annotations({ identifier: "Goal", description: "The goal", ...example(goalExample) })

const title = { description: "What to achieve" }
const description = { description: "More about it; null for none" }

const endpoints = HttpApiGroup.make("goals")
  .add(
    HttpApiEndpoint.get("listGoals", "/api/goals")
      .addSuccess(Schema.Array(Goal).annotations({ description: "All goals of the user" }))
      .annotate(OpenApi.Summary, "List goals")
      .annotate(OpenApi.Description, "Returns all goals of the user, newest first."),
  )
  .add(
    HttpApiEndpoint.post("createGoal", "/api/goals")
      .setPayload(
        Fields({
          title: Schema.propertySignature(GoalFields.title).annotations(title),
          description: optional(GoalFields.description).annotations(description),
        }).annotations(example({ title: goalExample.title, description: goalExample.description })),
      )
      .addSuccess(Goal, { status: 201 })
      .annotate(OpenApi.Summary, "Create a goal")
      .annotate(OpenApi.Description, "Creates a goal with the status `pending`."),
  )
  .add(
    HttpApiEndpoint.put("updateGoal", "/api/goals")
      .setUrlParams(rowIdParam(GoalId, "goal"))
      .setPayload(
        Fields({
          ...rowIdField(GoalId, "goal"),
          title: optional(GoalFields.title).annotations(title),
          description: optional(GoalFields.description).annotations(description),
          status: optional(GoalFields.status).annotations({ description: "How far it is" }),
        }).annotations(example({ title: "Learn TypeScript Advanced", status: "completed" })),
      )
      .addSuccess(Goal)
      .addError(errors.GoalNotFound)
      .annotate(OpenApi.Summary, "Update a goal")
      .annotate(
        OpenApi.Description,
        "Updates the fields that are present of the goal that `id` names, in the body or in the query.",
      ),
  )
  .add(
    HttpApiEndpoint.del("deleteGoal", "/api/goals")
      .setUrlParams(rowIdParam(GoalId, "goal"))
      .addSuccess(HttpApiSchema.NoContent.annotations({ description: "The goal was deleted" }))
      .addError(errors.GoalNotFound)
      .annotate(OpenApi.Summary, "Delete a goal")
      .annotate(OpenApi.Description, "Deletes the goal that `id` names."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Goals")
  .annotate(OpenApi.Description, "What users want to achieve. Each user sees only their own.")

export const goals = defineResource({
  group: endpoints,
  prefixes: ["/api/goals"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const goals = yield* Goals
      return handlers
        .handle(
          "listGoals",
          withActor((actor) => goals.list(actor)),
        )
        .handle(
          "createGoal",
          withActor((actor, { payload }) => goals.create(actor, payload)),
        )
        .handle(
          "updateGoal",
          withActor((actor, { payload: { id, ...change }, urlParams }) =>
            Effect.flatMap(rowId(id ?? urlParams.id), (goal) => goals.update(actor, goal, change)),
          ),
        )
        .handle(
          "deleteGoal",
          withActor((actor, { urlParams }) =>
            Effect.flatMap(rowId(urlParams.id), (goal) => goals.remove(actor, goal)),
          ),
        )
    }),
})
