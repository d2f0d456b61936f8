import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { AssistantId } from "../../domain/assistants/Assistants/Model"
import { Personas } from "../../domain/assistants/Personas"
import { PersonaFields } from "../../domain/assistants/Personas/Model"
import { UserId } from "../../domain/shared/Actor"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { Fields, optional } from "../../http/Fields"
import { defineResource } from "../../http/Resource"
import { errors } from "./Errors"
import { rowId, rowIdField, rowIdParam } from "./RowId"

const newPersona = { name: "Code Reviewer", systemPrompt: "You are an expert code reviewer." }

const Persona = Schema.Struct({
  id: AssistantId,
  name: Schema.String,
  description: Schema.String,
  systemPrompt: Schema.String,
  userId: UserId,
  createdAt: Schema.Date,
  updatedAt: Schema.Date,
}).annotations({
  identifier: "Persona",
  description: "The persona",
  ...example({
    id: "019bc0f1-2d03-7c3a-9d52-7a5c3b1e9f20",
    ...newPersona,
    description: "",
    userId: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
    createdAt: "2026-01-15T10:30:00.000Z",
    updatedAt: "2026-01-15T10:30:00.000Z",
  }),
})

const docs = {
  name: { description: "The name" },
  systemPrompt: { description: "The instructions, sent to the model before the conversation" },
  description: { description: "The purpose, for people" },
}

const endpoints = HttpApiGroup.make("personas")
  .add(
    HttpApiEndpoint.get("listPersonas", "/api/personas")
      .addSuccess(Schema.Array(Persona).annotations({ description: "All personas of the user" }))
      .annotate(OpenApi.Summary, "List personas")
      .annotate(OpenApi.Description, "Returns all personas of the user, newest first."),
  )
  .add(
    HttpApiEndpoint.post("createPersona", "/api/personas")
      .setPayload(
        Fields({
          name: Schema.propertySignature(PersonaFields.name).annotations(docs.name),
          systemPrompt: Schema.propertySignature(PersonaFields.systemPrompt).annotations(docs.systemPrompt),
          description: optional(PersonaFields.description).annotations(docs.description),
        }).annotations(example(newPersona)),
      )
      .addSuccess(Persona, { status: 201 })
      .annotate(OpenApi.Summary, "Create a persona")
      .annotate(OpenApi.Description, "Creates a persona, which calls of any model may use as `personaId`."),
  )
  .add(
    HttpApiEndpoint.put("updatePersona", "/api/personas")
      .setUrlParams(rowIdParam(AssistantId, "persona"))
      .setPayload(
        Fields({
          ...rowIdField(AssistantId, "persona"),
          name: optional(PersonaFields.name).annotations(docs.name),
          systemPrompt: optional(PersonaFields.systemPrompt).annotations(docs.systemPrompt),
          description: optional(PersonaFields.description).annotations(docs.description),
        }).annotations(example({ name: "Senior Code Reviewer" })),
      )
      .addSuccess(Persona)
      .addError(errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Update a persona")
      .annotate(
        OpenApi.Description,
        "Updates the fields that are present of the persona that `id` names, in the body or in the query.",
      ),
  )
  .add(
    HttpApiEndpoint.del("deletePersona", "/api/personas")
      .setUrlParams(rowIdParam(AssistantId, "persona"))
      .addSuccess(HttpApiSchema.NoContent.annotations({ description: "The persona was deleted" }))
      .addError(errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Delete a persona")
      .annotate(OpenApi.Description, "Deletes the persona that `id` names."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Personas")
  .annotate(OpenApi.Description, "Instructions without a model, owned by users.")

export const personas = defineResource({
  group: endpoints,
  prefixes: ["/api/personas"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const personas = yield* Personas
      return handlers
        .handle(
          "listPersonas",
          withActor((actor) => personas.list(actor)),
        )
        .handle(
          "createPersona",
          withActor((actor, { payload }) => personas.create(actor, payload)),
        )
        .handle(
          "updatePersona",
          withActor((actor, { payload: { id, ...change }, urlParams }) =>
            Effect.flatMap(rowId(id ?? urlParams.id), (persona) => personas.update(actor, persona, change)),
          ),
        )
        .handle(
          "deletePersona",
          withActor((actor, { urlParams }) =>
            Effect.flatMap(rowId(urlParams.id), (persona) => personas.remove(actor, persona)),
          ),
        )
    }),
})
