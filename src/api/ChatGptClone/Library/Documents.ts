import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { Documents } from "../../../domain/workspace/Documents"
import { DocumentFields, DocumentId, MAX_CONTENT_BYTES } from "../../../domain/workspace/Documents/Model"
import { MaxBodySize } from "../../../http/Annotations"
import { Authenticated, withActor } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import { Fields, optional } from "../../../http/Fields"
import { defineResource } from "../../../http/Resource"
import { bodyOf, Success } from "../Body"
import { errors } from "../Errors"
import { ranged, rangeFields, rangeParams } from "../Paging"

const newDocument = {
  title: "Style guide",
  content: "Write short sentences.",
  type: "note",
  tags: ["writing"],
}

export const documentExample = {
  id: "019bc0f1-2d07-7c3a-9d52-2f4a6c8e0b13",
  title: newDocument.title,
  type: newDocument.type,
  tags: newDocument.tags,
  createdAt: "2026-01-15T09:30:00.000Z",
  updatedAt: "2026-01-15T09:30:00.000Z",
}

const summaryFields = {
  id: DocumentId,
  title: Schema.String,
  type: Schema.String,
  tags: Schema.Array(Schema.String),
  createdAt: Schema.Date,
  updatedAt: Schema.Date,
}

export const DocumentSummary = Schema.Struct(summaryFields).annotations({
  identifier: "DocumentSummary",
  ...example(documentExample),
})

const Document = Schema.Struct({ ...summaryFields, content: Schema.String }).annotations({
  identifier: "Document",
  ...example({ ...documentExample, content: newDocument.content }),
})

const docs = {
  title: { description: "The title" },
  content: { description: "The text, at most 1 MiB in UTF-8" },
  type: { description: "A word that the front end chooses, such as `note`; `text` by default" },
  tags: { description: "Words to filter by, at most 20" },
}

const id = HttpApiSchema.param(
  "id",
  DocumentId.annotations({ description: "The document's id", ...example(documentExample.id) }),
)

const singleResponse = bodyOf("The document", "document", Document)

/** A JSON body with the longest content, every character of it escaped. */
const MAX_DOCUMENT_BODY = 6 * MAX_CONTENT_BYTES + 65_536

const endpoints = HttpApiGroup.make("documents")
  .add(
    HttpApiEndpoint.get("listDocuments", "/api/library/documents")
      .setUrlParams(Fields(rangeParams()))
      .addSuccess(
        Schema.Struct(rangeFields("documents", DocumentSummary)).annotations({
          description: "A range of the user's documents, without their content",
        }),
      )
      .annotate(OpenApi.Summary, "List documents")
      .annotate(
        OpenApi.Description,
        "Returns the user's documents without their content, last updated first.",
      ),
  )
  .add(
    HttpApiEndpoint.post("createDocument", "/api/library/documents")
      .setPayload(
        Fields({
          title: Schema.propertySignature(DocumentFields.title).annotations(docs.title),
          content: Schema.propertySignature(DocumentFields.content).annotations(docs.content),
          type: optional(DocumentFields.type).annotations(docs.type),
          tags: optional(DocumentFields.tags).annotations(docs.tags),
        }).annotations(example(newDocument)),
      )
      .addSuccess(singleResponse, { status: 201 })
      .annotate(MaxBodySize, MAX_DOCUMENT_BODY)
      .annotate(OpenApi.Summary, "Create a document")
      .annotate(OpenApi.Description, "Adds a text to the user's library."),
  )
  .add(
    HttpApiEndpoint.get("getDocument")`/api/library/documents/${id}`
      .addSuccess(singleResponse)
      .addError(errors.DocumentNotFound)
      .annotate(OpenApi.Summary, "Get a document")
      .annotate(OpenApi.Description, "Returns one of the user's documents with its content."),
  )
  .add(
    HttpApiEndpoint.put("updateDocument")`/api/library/documents/${id}`
      .setPayload(
        Fields({
          title: optional(DocumentFields.title).annotations(docs.title),
          content: optional(DocumentFields.content).annotations(docs.content),
          type: optional(DocumentFields.type).annotations(docs.type),
          tags: optional(DocumentFields.tags).annotations(docs.tags),
        }).annotations(example({ title: "Style guide 2" })),
      )
      .addSuccess(singleResponse)
      .addError(errors.DocumentNotFound)
      .annotate(MaxBodySize, MAX_DOCUMENT_BODY)
      .annotate(OpenApi.Summary, "Update a document")
      .annotate(OpenApi.Description, "Updates the fields that are present."),
  )
  .add(
    HttpApiEndpoint.del("deleteDocument")`/api/library/documents/${id}`
      .addSuccess(Success)
      .addError(errors.DocumentNotFound)
      .annotate(OpenApi.Summary, "Delete a document")
      .annotate(OpenApi.Description, "Deletes the document and removes it from all collections."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Documents")
  .annotate(OpenApi.Description, "Texts in a user's library. Each user sees only their own.")

export const documents = defineResource({
  group: endpoints,
  prefixes: ["/api/library"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const documents = yield* Documents
      return handlers
        .handle(
          "listDocuments",
          withActor((actor, { urlParams }) => ranged(urlParams, (range) => documents.list(actor, range))),
        )
        .handle(
          "createDocument",
          withActor((actor, { payload }) => documents.create(actor, payload)),
        )
        .handle(
          "getDocument",
          withActor((actor, { path }) => documents.get(actor, path.id)),
        )
        .handle(
          "updateDocument",
          withActor((actor, { path, payload }) => documents.update(actor, path.id, payload)),
        )
        .handle(
          "deleteDocument",
          withActor((actor, { path }) => documents.remove(actor, path.id)),
        )
    }),
})
