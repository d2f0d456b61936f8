import { SqlClient } from "@effect/sql"
import { DateTime, Effect, type Option } from "effect"
import { Audit } from "../operations/Audit"
import type { Actor } from "../shared/Actor"
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
  type NewAssistant,
  nameOfCopy,
  usualParameters,
  type Visibility,
} from "./Assistants/Model"
import { AssistantsRepo } from "./Assistants/Repo"

/** Models with instructions: everyone's own, those shown to everyone, and templates. */
export class Assistants extends Effect.Service<Assistants>()("Assistants", {
  dependencies: [AssistantsRepo.Default, GalleryRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* AssistantsRepo
    const gallery = yield* GalleryRepo
    const audit = yield* Audit
    const ids = yield* IdGenerator

    const orNotFound = <A>(found: Option.Option<A>) => Effect.mapError(found, () => new AssistantNotFound())
    const orRefuse = (shown: boolean) => (shown ? Effect.void : new AssistantNotFound())

    const make = Effect.fnUntraced(function* (actor: Actor, input: NewAssistant, visibility: Visibility) {
      const createdAt = yield* DateTime.nowAsDate
      const assistant: Assistant = {
        modelName: input.modelId,
        description: "",
        avatar: "🤖",
        tags: [],
        ...input,
        parameters: { ...usualParameters, ...input.parameters },
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

    /** The actor's own, the last changed first. */
    const list = Effect.fn("Assistants.list")(repo.listOwn)

    /** One to look at and to talk with: the actor's own, one in the gallery, or a template. */
    const forUse = Effect.fn("Assistants.forUse")((actor: Actor, id: AssistantId) =>
      Effect.flatMap(repo.find(actor, id), orNotFound),
    )

    const create = Effect.fn("Assistants.create")((actor: Actor, input: NewAssistant) =>
      make(actor, input, "private"),
    )

    /** Changes what is given of one of the actor's own. */
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

    /** Shows one of the actor's own in the gallery. Safe to repeat. */
    const publish = Effect.fn("Assistants.publish")(function* (actor: Actor, id: AssistantId) {
      return yield* Effect.flatMap(
        repo.setVisibility(actor, id, "public", yield* DateTime.nowAsDate),
        orNotFound,
      )
    })

    /** Takes one of the actor's own out of the gallery. Safe to repeat. */
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
      description,
      systemPrompt,
      avatar,
      parameters,
      tags,
    }: Assistant) => ({
      name,
      modelId,
      modelName,
      description,
      systemPrompt,
      avatar,
      parameters,
      tags,
    })

    /** A private copy of what the actor may see, under a name of its own. */
    const duplicate = Effect.fn("Assistants.duplicate")(function* (
      actor: Actor,
      id: AssistantId,
      name?: string,
    ) {
      const original = yield* forUse(actor, id)
      return yield* make(actor, { ...copyOf(original), name: name ?? nameOfCopy(original.name) }, "private")
    })

    /** Part of the gallery, as the filter says. */
    const browse = Effect.fn("Assistants.browse")(gallery.page)

    /** One that everyone sees: in the gallery, or a template. */
    const inGallery = Effect.fn("Assistants.inGallery")((actor: Actor, id: AssistantId) =>
      Effect.flatMap(gallery.find(actor, id), orNotFound),
    )

    /** Keeps one that everyone sees in the actor's collection. Safe to repeat: it counts once. */
    const save = Effect.fn("Assistants.save")(function* (actor: Actor, id: AssistantId) {
      yield* Effect.flatMap(gallery.save(actor, id, yield* DateTime.nowAsDate), orRefuse)
    })

    /** Takes it out of the collection. Safe to repeat. */
    const unsave = Effect.fn("Assistants.unsave")((actor: Actor, id: AssistantId) =>
      Effect.flatMap(gallery.unsave(actor, id), orRefuse),
    )

    /** The actor's collection, the last kept first. */
    const saved = Effect.fn("Assistants.saved")(gallery.saved)

    /** A private copy of one that everyone sees, counted there. */
    const use = Effect.fn("Assistants.use")(function* (actor: Actor, id: AssistantId) {
      const original = yield* Effect.flatMap(gallery.countUse(id), orNotFound)
      return yield* make(actor, copyOf(original), "private")
    }, transaction)

    /** Administrators' templates, the newest first. */
    const templates = Effect.fn("Assistants.templates")(gallery.templates)

    /** The same for those who look after them. Administrators only. */
    const templatesToManage = Effect.fn("Assistants.templatesToManage")(function* (
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
      forUse,
      create,
      update,
      remove,
      publish,
      unpublish,
      duplicate,
      browse,
      inGallery,
      save,
      unsave,
      saved,
      use,
      templates,
      templatesToManage,
      createTemplate,
      updateTemplate,
      removeTemplate,
    }
  }),
}) {}
