import { DateTime, Effect, type Option } from "effect"
import type { Actor } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import type { OffsetLimit } from "../shared/Page"
import { Collections } from "./Collections"
import type { CollectionId } from "./Collections/Model"
import { DocumentNotFound } from "./Documents/Errors"
import { type Document, type DocumentChange, DocumentId, type NewDocument } from "./Documents/Model"
import { DocumentsRepo } from "./Documents/Repo"

/** Manages the texts in a user's library, which nobody else sees. */
export class Documents extends Effect.Service<Documents>()("Documents", {
  dependencies: [DocumentsRepo.Default],
  effect: Effect.gen(function* () {
    const repo = yield* DocumentsRepo
    const collections = yield* Collections
    const ids = yield* IdGenerator

    const orNotFound = <A>(row: Option.Option<A>) => Effect.mapError(row, () => new DocumentNotFound())

    /** Lists the actor's documents without their content, last updated first. */
    const list = Effect.fn("Documents.list")((actor: Actor, range: OffsetLimit) =>
      repo.list(actor, undefined, range),
    )

    /** Lists the documents in one of the actor's collections without their content, last updated first. */
    const listInCollection = Effect.fn("Documents.listInCollection")(function* (
      actor: Actor,
      collection: CollectionId,
      range: OffsetLimit,
    ) {
      yield* collections.get(actor, collection)
      return yield* repo.list(actor, collection, range)
    })

    const get = Effect.fn("Documents.get")((actor: Actor, id: DocumentId) =>
      Effect.flatMap(repo.find(actor, id), orNotFound),
    )

    const create = Effect.fn("Documents.create")(function* (actor: Actor, input: NewDocument) {
      const now = yield* DateTime.nowAsDate
      const document: Document = {
        type: "text",
        tags: [],
        ...input,
        id: DocumentId.make(yield* ids.generate),
        userId: actor.userId,
        createdAt: now,
        updatedAt: now,
      }
      yield* repo.insert(document)
      return document
    })

    /** Updates the provided fields. */
    const update = Effect.fn("Documents.update")(function* (
      actor: Actor,
      id: DocumentId,
      change: DocumentChange,
    ) {
      return yield* Effect.flatMap(repo.update(actor, id, change, yield* DateTime.nowAsDate), orNotFound)
    })

    /** Deletes a document and removes it from all collections. */
    const remove = Effect.fn("Documents.remove")(function* (actor: Actor, id: DocumentId) {
      const removed = yield* repo.remove(actor, id)
      if (!removed) return yield* new DocumentNotFound()
    })

    return { list, listInCollection, get, create, update, remove }
  }),
}) {}
