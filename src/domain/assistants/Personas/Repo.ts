import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { Actor } from "../../shared/Actor"
import { uuidOrNull } from "../../shared/Ids"
import { findAll, findOne, hasRow } from "../../shared/Rows"
import type { AssistantId } from "../Assistants/Model"
import { Persona, type PersonaChange } from "./Model"

export class PersonasRepo extends Effect.Service<PersonasRepo>()("PersonasRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(
      `id, owner_id as "userId", name, description, system_prompt as "systemPrompt",
       created_at as "createdAt", updated_at as "updatedAt"`,
    )

    /** Builds the condition that an assistant is one of the actor's personas. */
    const own = (actor: Actor) =>
      sql`owner_id = ${actor.userId} and model_id is null and visibility <> 'template'`

    const list = (actor: Actor) =>
      sql`select ${columns} from assistants where ${own(actor)} order by id desc`.pipe(findAll(Persona))

    const update = (
      actor: Actor,
      id: AssistantId,
      { name, systemPrompt, description }: PersonaChange,
      now: Date,
    ) =>
      sql`
        update assistants set
          name = coalesce(${name ?? null}, name), system_prompt = coalesce(${systemPrompt ?? null}, system_prompt),
          description = coalesce(${description ?? null}, description), updated_at = ${now}
        where id = ${uuidOrNull(id)} and ${own(actor)} returning ${columns}`.pipe(findOne(Persona))

    const remove = (actor: Actor, id: AssistantId) =>
      sql`delete from assistants where id = ${uuidOrNull(id)} and ${own(actor)} returning id`.pipe(hasRow)

    return { list, update, remove }
  }),
}) {}
