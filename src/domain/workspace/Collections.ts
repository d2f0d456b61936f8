import { DateTime, Effect, type Option } from "effect"
import type { Actor } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import { CollectionNotFound } from "./Collections/Errors"
import { type Collection, type CollectionChange, CollectionId, type NewCollection } from "./Collections/Model"
import { CollectionsRepo } from "./Collections/Repo"
import { DocumentNotFound } from "./Documents/Errors"
import type { DocumentId } from "./Documents/Model"

/** Manages the collections of a user's documents, which nobody else sees. */
export class Collections extends Effect.Service<Collections>()("Collections", {
  dependencies: [CollectionsRepo.Default],
  effect: Effect.gen(function* () {
    const repo = yield* CollectionsRepo
    const ids = yield* IdGenerator

    const orNotFound = <A>(row: Option.Option<A>) => Effect.mapError(row, () => new CollectionNotFound())

    /** Lists the actor's collections by name. */
    const list = Effect.fn("Collections.list")(repo.list)

    const get = Effect.fn("Collections.get")((actor: Actor, id: CollectionId) =>
      Effect.flatMap(repo.find(actor, id), orNotFound),
    )

    const create = Effect.fn("Collections.create")(function* (actor: Actor, input: NewCollection) {
      const now = yield* DateTime.nowAsDate
      const collection: Collection = {
        id: CollectionId.make(yield* ids.generate),
        userId: actor.userId,
        name: input.name,
        icon: input.icon ?? null,
        documentCount: 0,
        createdAt: now,
        updatedAt: now,
      }
      yield* repo.insert(collection)
      return collection
    })

    /** Updates the provided fields; an `icon` of null removes it. */
    const update = Effect.fn("Collections.update")(function* (
      actor: Actor,
      id: CollectionId,
      change: CollectionChange,
    ) {
      return yield* Effect.flatMap(repo.update(actor, id, change, yield* DateTime.nowAsDate), orNotFound)
    })

    /** Deletes a collection. Its documents stay. */
    const remove = Effect.fn("Collections.remove")(function* (actor: Actor, id: CollectionId) {
      const removed = yield* repo.remove(actor, id)
      if (!removed) return yield* new CollectionNotFound()
    })

    /** Adds a document. Idempotent. */
    const addDocument = Effect.fn("Collections.addDocument")(function* (
      actor: Actor,
      id: CollectionId,
      document: DocumentId,
    ) {
      const { hasCollection, hasDocument } = yield* repo.add(actor, id, document, yield* DateTime.nowAsDate)
      if (!hasCollection) return yield* new CollectionNotFound()
      if (!hasDocument) return yield* new DocumentNotFound()
    })

    /** Removes a document, which stays in the library. */
    const removeDocument = Effect.fn("Collections.removeDocument")(function* (
      actor: Actor,
      id: CollectionId,
      document: DocumentId,
    ) {
      const collection = yield* get(actor, id)
      const removed = yield* repo.removeDocument(collection.id, document)
      if (!removed) return yield* new DocumentNotFound()
    })

    return { list, get, create, update, remove, addDocument, removeDocument }
  }),
}) {}
