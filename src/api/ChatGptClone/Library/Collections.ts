import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { Collections } from "../../../domain/workspace/Collections"
import { CollectionFields, CollectionId } from "../../../domain/workspace/Collections/Model"
import { Documents } from "../../../domain/workspace/Documents"
import { DocumentId } from "../../../domain/workspace/Documents/Model"
import { Authenticated, withActor } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import { Fields, optional } from "../../../http/Fields"
import { defineResource } from "../../../http/Resource"
import { bodyOf, Success } from "../Body"
import { errors } from "../Errors"
import { ranged, rangeFields, rangeParams } from "../Paging"
import { DocumentSummary, documentExample } from "./Documents"

const newCollection = { name: "Guides", icon: "📚" }

const collectionExample = {
  id: "019bc0f1-2d08-7c3a-9d52-5d7f9b1c3e24",
  ...newCollection,
  documentCount: 3,
  createdAt: "2026-01-15T09:30:00.000Z",
  updatedAt: "2026-01-15T09:30:00.000Z",
}

const Collection = Schema.Struct({
  id: CollectionId,
  name: Schema.String,
  icon: Schema.NullOr(Schema.String),
  documentCount: Schema.Int,
  createdAt: Schema.Date,
  updatedAt: Schema.Date,
}).annotations({ identifier: "Collection", ...example(collectionExample) })

const docs = {
  name: { description: "The name" },
  icon: { description: "An emoji, or a name or URL that the front end understands; null for none" },
}

const id = HttpApiSchema.param(
  "id",
  CollectionId.annotations({ description: "The collection's id", ...example(collectionExample.id) }),
)

const documentId = HttpApiSchema.param(
  "documentId",
  DocumentId.annotations({ description: "The document's id", ...example(documentExample.id) }),
)

const singleResponse = bodyOf("The collection", "collection", Collection)

const endpoints = HttpApiGroup.make("collections")
  .add(
    HttpApiEndpoint.get("listCollections", "/api/library/collections")
      .setUrlParams(Fields(rangeParams()))
      .addSuccess(
        Schema.Struct(rangeFields("collections", Collection)).annotations({
          description: "A range of the user's collections",
        }),
      )
      .annotate(OpenApi.Summary, "List collections")
      .annotate(OpenApi.Description, "Returns the user's collections by name."),
  )
  .add(
    HttpApiEndpoint.post("createCollection", "/api/library/collections")
      .setPayload(
        Fields({
          name: Schema.propertySignature(CollectionFields.name).annotations(docs.name),
          icon: optional(CollectionFields.icon).annotations(docs.icon),
        }).annotations(example(newCollection)),
      )
      .addSuccess(singleResponse, { status: 201 })
      .annotate(OpenApi.Summary, "Create a collection")
      .annotate(OpenApi.Description, "Creates a collection without documents."),
  )
  .add(
    HttpApiEndpoint.put("updateCollection")`/api/library/collections/${id}`
      .setPayload(
        Fields({
          name: optional(CollectionFields.name).annotations(docs.name),
          icon: optional(CollectionFields.icon).annotations(docs.icon),
        }).annotations(example({ name: "Style guides", icon: null })),
      )
      .addSuccess(singleResponse)
      .addError(errors.CollectionNotFound)
      .annotate(OpenApi.Summary, "Update a collection")
      .annotate(OpenApi.Description, "Updates the fields that are present."),
  )
  .add(
    HttpApiEndpoint.del("deleteCollection")`/api/library/collections/${id}`
      .addSuccess(Success)
      .addError(errors.CollectionNotFound)
      .annotate(OpenApi.Summary, "Delete a collection")
      .annotate(OpenApi.Description, "Deletes the collection. Its documents stay in the library."),
  )
  .add(
    HttpApiEndpoint.get("listCollectionDocuments")`/api/library/collections/${id}/documents`
      .setUrlParams(Fields(rangeParams()))
      .addSuccess(
        Schema.Struct(rangeFields("documents", DocumentSummary)).annotations({
          description: "A range of the collection's documents, without their content",
        }),
      )
      .addError(errors.CollectionNotFound)
      .annotate(OpenApi.Summary, "List a collection's documents")
      .annotate(OpenApi.Description, "Returns the documents without their content, last updated first."),
  )
  .add(
    HttpApiEndpoint.post("addCollectionDocument")`/api/library/collections/${id}/documents`
      .setPayload(
        Fields({
          documentId: Schema.propertySignature(DocumentId).annotations({ description: "The document's id" }),
        }).annotations(example({ documentId: documentExample.id })),
      )
      .addSuccess(Success)
      .addError(errors.CollectionNotFound)
      .addError(errors.DocumentNotFound)
      .annotate(OpenApi.Summary, "Add a document")
      .annotate(OpenApi.Description, "Adds a document of the user. Adding one twice succeeds."),
  )
  .add(
    HttpApiEndpoint.del("removeCollectionDocument")`/api/library/collections/${id}/documents/${documentId}`
      .addSuccess(Success)
      .addError(errors.CollectionNotFound)
      .addError(errors.DocumentNotFound)
      .annotate(OpenApi.Summary, "Remove a document")
      .annotate(OpenApi.Description, "Removes a document from the collection. It stays in the library."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Collections")
  .annotate(OpenApi.Description, "Sets of documents in a user's library.")

export const collections = defineResource({
  group: endpoints,
  prefixes: ["/api/library/collections"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const collections = yield* Collections
      const documents = yield* Documents
      return handlers
        .handle(
          "listCollections",
          withActor((actor, { urlParams }) => ranged(urlParams, (range) => collections.list(actor, range))),
        )
        .handle(
          "createCollection",
          withActor((actor, { payload }) => collections.create(actor, payload)),
        )
        .handle(
          "updateCollection",
          withActor((actor, { path, payload }) => collections.update(actor, path.id, payload)),
        )
        .handle(
          "deleteCollection",
          withActor((actor, { path }) => collections.remove(actor, path.id)),
        )
        .handle(
          "listCollectionDocuments",
          withActor((actor, { path, urlParams }) =>
            ranged(urlParams, (range) => documents.listInCollection(actor, path.id, range)),
          ),
        )
        .handle(
          "addCollectionDocument",
          withActor((actor, { path, payload }) =>
            collections.addDocument(actor, path.id, payload.documentId),
          ),
        )
        .handle(
          "removeCollectionDocument",
          withActor((actor, { path }) => collections.removeDocument(actor, path.id, path.documentId)),
        )
    }),
})
