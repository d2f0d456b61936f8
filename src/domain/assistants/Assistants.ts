import { SqlClient } from "@effect/sql"
import { DateTime, Effect, type Option } from "effect"
import { Audit } from "../operations/Audit"
import type { Actor } from "../shared/Actor"
import { CurrentSettings } from "../shared/CurrentSettings"
import { IdGenerator } from "../shared/Ids"
import type { OffsetLimit } from "../shared/Page"
import { requireAdmin } from "../shared/Policy"
import { withTransaction } from "../shared/Transaction"
import { AssistantNotFound } from "./Assistants/Errors"
import { GalleryRepo } from "./Assistants/GalleryRepo"
import {
  type Assistant,
  type AssistantChange,
  AssistantId,
  copyName,
  type NewAssistant,
  type Visibility,
} from "./Assistants/Model"
import { AssistantsRepo } from "./Assistants/Repo"

/** Manages assistants: users' own ones, the public gallery, and administrators' templates. */
export class Assistants extends Effect.Service<Assistants>()("Assistants", {
  dependencies: [AssistantsRepo.Default, GalleryRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* AssistantsRepo
    const gallery = yield* GalleryRepo
    const audit = yield* Audit
    const ids = yield* IdGenerator
    const settings = yield* CurrentSettings

    const orNotFound = <A>(row: Option.Option<A>) => Effect.mapError(row, () => new AssistantNotFound())
    const requireFound = (exists: boolean) => (exists ? Effect.void : new AssistantNotFound())

    const make = Effect.fnUntraced(function* (actor: Actor, input: NewAssistant, visibility: Visibility) {
      const createdAt = yield* DateTime.nowAsDate
      const modelId = input.modelId ?? settings.get().defaultModel
      const assistant: Assistant = {
        modelName: modelId,
        description: "",
        avatar: "🤖",
        parameters: {},
        tags: [],
        ...input,
        modelId,
        hasOwnModel: input.modelId !== null,
        id: AssistantId.make(yield* ids.generate),
        ownerId: actor.userId,
        visibility,
        usesCount: 0,
        savesCount: 0,
        createdAt,
        updatedAt: createdAt,
      }
      yield* repo.insert(assistant)
      return assistant
    })

    /** Lists a range of the actor's own assistants, last updated first. */
    const list = Effect.fn("Assistants.list")(repo.listOwn)

    /** Returns an assistant that the actor may see and use: their own, a published one, or a template. */
    const getVisible = Effect.fn("Assistants.getVisible")((actor: Actor, id: AssistantId) =>
      Effect.flatMap(repo.find(actor, id), orNotFound),
    )

    const create = Effect.fn("Assistants.create")((actor: Actor, input: NewAssistant) =>
      make(actor, input, "private"),
    )

    /** Updates the provided fields of one of the actor's own assistants. */
    const update = Effect.fn("Assistants.update")(function* (
      actor: Actor,
      id: AssistantId,
      change: AssistantChange,
    ) {
      return yield* Effect.flatMap(repo.update(actor, id, change, yield* DateTime.nowAsDate), orNotFound)
    })

    const remove = Effect.fn("Assistants.remove")((actor: Actor, id: AssistantId) =>
      Effect.asVoid(Effect.flatMap(repo.remove(actor, id), orNotFound)),
    )

    /** Publishes one of the actor's own assistants in the gallery. Idempotent. */
    const publish = Effect.fn("Assistants.publish")(function* (actor: Actor, id: AssistantId) {
      return yield* Effect.flatMap(
        repo.setVisibility(actor, id, "public", yield* DateTime.nowAsDate),
        orNotFound,
      )
    })

    /** Removes one of the actor's own assistants from the gallery. Idempotent. */
    const unpublish = Effect.fn("Assistants.unpublish")(function* (actor: Actor, id: AssistantId) {
      return yield* Effect.flatMap(
        repo.setVisibility(actor, id, "private", yield* DateTime.nowAsDate),
        orNotFound,
      )
    })

    const copyOf = ({
      name,
      modelId,
      modelName,
      hasOwnModel,
      description,
      systemPrompt,
      avatar,
      parameters,
      tags,
    }: Assistant) => ({
      name,
      ...(hasOwnModel ? { modelId, modelName } : { modelId: null }),
      description,
      systemPrompt,
      avatar,
      parameters,
      tags,
    })

    /** Creates a private copy of an assistant that the actor may see, named `Copy of …` unless a name is given. */
    const duplicate = Effect.fn("Assistants.duplicate")(function* (
      actor: Actor,
      id: AssistantId,
      name?: string,
    ) {
      const original = yield* getVisible(actor, id)
      return yield* make(actor, { ...copyOf(original), name: name ?? copyName(original.name) }, "private")
    })

    /** Lists a range of the gallery entries that match the filter. */
    const browse = Effect.fn("Assistants.browse")(gallery.page)

    /** Returns an entry that is visible to everyone: published in the gallery, or a template. */
    const getPublished = Effect.fn("Assistants.getPublished")((actor: Actor, id: AssistantId) =>
      Effect.flatMap(gallery.find(actor, id), orNotFound),
    )

    /** Saves a published assistant to the actor's collection. Idempotent. */
    const save = Effect.fn("Assistants.save")(function* (actor: Actor, id: AssistantId) {
      yield* Effect.flatMap(gallery.save(actor, id, yield* DateTime.nowAsDate), requireFound)
    })

    /** Removes an assistant from the actor's collection. Idempotent. */
    const unsave = Effect.fn("Assistants.unsave")((actor: Actor, id: AssistantId) =>
      Effect.flatMap(gallery.unsave(actor, id), requireFound),
    )

    /** Lists the actor's collection, last saved first. */
    const listSaved = Effect.fn("Assistants.listSaved")(gallery.listSaved)

    /** Creates a private copy of a published assistant and increments the original's usage count. */
    const copyFromGallery = Effect.fn("Assistants.copyFromGallery")(function* (
      actor: Actor,
      id: AssistantId,
    ) {
      const original = yield* Effect.flatMap(gallery.countUse(id), orNotFound)
      return yield* make(actor, copyOf(original), "private")
    }, transaction)

    /** Counts that an assistant was set for a conversation, if it is published. */
    const countUse = Effect.fn("Assistants.countUse")((id: AssistantId) =>
      Effect.asVoid(gallery.countUse(id)),
    )

    /** Lists the templates, newest first. */
    const templates = Effect.fn("Assistants.templates")(gallery.templates)

    /** Lists the templates for managing them, newest first. Requires an administrator. */
    const listTemplatesForAdmin = Effect.fn("Assistants.listTemplatesForAdmin")(function* (
      actor: Actor,
      window: OffsetLimit,
    ) {
      yield* requireAdmin(actor)
      return yield* gallery.templates(actor, window)
    })

    const createTemplate = Effect.fn("Assistants.createTemplate")(function* (
      actor: Actor,
      input: NewAssistant,
    ) {
      yield* requireAdmin(actor)
      const template = yield* make(actor, input, "template")
      yield* audit.record(actor, "create_template", template.id, { name: template.name })
      return template
    }, transaction)

    const updateTemplate = Effect.fn("Assistants.updateTemplate")(function* (
      actor: Actor,
      id: AssistantId,
      change: AssistantChange,
    ) {
      yield* requireAdmin(actor)
      const template = yield* Effect.flatMap(
        repo.updateTemplate(id, change, yield* DateTime.nowAsDate),
        orNotFound,
      )
      yield* audit.record(actor, "update_template", template.id, { name: template.name })
      return template
    }, transaction)

    const removeTemplate = Effect.fn("Assistants.removeTemplate")(function* (actor: Actor, id: AssistantId) {
      yield* requireAdmin(actor)
      const template = yield* Effect.flatMap(repo.removeTemplate(id), orNotFound)
      yield* audit.record(actor, "delete_template", template.id, { name: template.name })
    }, transaction)

    return {
      list,
      getVisible,
      create,
      update,
      remove,
      publish,
      unpublish,
      duplicate,
      browse,
      getPublished,
      countUse,
      save,
      unsave,
      listSaved,
      copyFromGallery,
      templates,
      listTemplatesForAdmin,
      createTemplate,
      updateTemplate,
      removeTemplate,
    }
  }),
}) {}
