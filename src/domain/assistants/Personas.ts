import { DateTime, Effect } from "effect"
import type { Actor } from "../shared/Actor"
import { Assistants } from "./Assistants"
import { AssistantNotFound } from "./Assistants/Errors"
import type { Assistant, AssistantId } from "./Assistants/Model"
import type { NewPersona, Persona, PersonaChange } from "./Personas/Model"
import { PersonasRepo } from "./Personas/Repo"

const toPersona = (actor: Actor, assistant: Assistant): Persona => ({ ...assistant, userId: actor.userId })

/** Manages a user's personas: the assistants that have no model of their own. */
export class Personas extends Effect.Service<Personas>()("Personas", {
  dependencies: [PersonasRepo.Default],
  effect: Effect.gen(function* () {
    const assistants = yield* Assistants
    const repo = yield* PersonasRepo

    /** Lists all of the actor's personas, newest first. */
    const list = Effect.fn("Personas.list")(repo.list)

    const create = Effect.fn("Personas.create")((actor: Actor, input: NewPersona) =>
      Effect.map(assistants.create(actor, { ...input, modelId: null }), (assistant) =>
        toPersona(actor, assistant),
      ),
    )

    /** Updates the provided fields. */
    const update = Effect.fn("Personas.update")(function* (
      actor: Actor,
      id: AssistantId,
      change: PersonaChange,
    ) {
      const persona = yield* repo.update(actor, id, change, yield* DateTime.nowAsDate)
      return yield* Effect.mapError(persona, () => new AssistantNotFound())
    })

    const remove = Effect.fn("Personas.remove")(function* (actor: Actor, id: AssistantId) {
      const removed = yield* repo.remove(actor, id)
      if (!removed) return yield* new AssistantNotFound()
    })

    return { list, create, update, remove }
  }),
}) {}
