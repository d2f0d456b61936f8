import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { Actor } from "../../shared/Actor"
import { CurrentSettings } from "../../shared/CurrentSettings"
import { uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit } from "../../shared/Page"
import { execute, findOne, findPage } from "../../shared/Rows"
import { Assistant, type AssistantChange, type AssistantId } from "./Model"
import { ownedBy, visibleTo } from "./Policy"

/** Selects assistant `a` as an `Assistant`. */
export const assistantColumns = (sql: SqlClient.SqlClient, defaultModel: string) => sql`
  a.id, a.owner_id as "ownerId", a.name, coalesce(a.model_id, ${defaultModel}) as "modelId",
  coalesce(a.model_name, ${defaultModel}) as "modelName", a.model_id is not null as "hasOwnModel", a.visibility,
  a.description, a.system_prompt as "systemPrompt", a.avatar, a.tags, a.uses_count as "usesCount",
  a.saves_count as "savesCount", a.created_at as "createdAt", a.updated_at as "updatedAt",
  json_strip_nulls(json_build_object('temperature', a.temperature, 'maxTokens', a.max_tokens, 'topP', a.top_p,
    'frequencyPenalty', a.frequency_penalty, 'presencePenalty', a.presence_penalty)) as parameters`

export class AssistantsRepo extends Effect.Service<AssistantsRepo>()("AssistantsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const settings = yield* CurrentSettings
    const columns = () => assistantColumns(sql, settings.get().defaultModel)

    /** Finds an assistant that the actor may see. */
    const find = (actor: Actor, id: AssistantId) =>
      sql`
        select ${columns()} from assistants a where a.id = ${uuidOrNull(id)} and ${visibleTo(sql, actor)}`.pipe(
        findOne(Assistant),
      )

    const insert = (assistant: Assistant) => {
      const { parameters } = assistant
      const ownModel = (model: string) => (assistant.hasOwnModel ? model : null)
      return sql`
        insert into assistants (id, owner_id, name, model_id, model_name, visibility, description, system_prompt,
          avatar, temperature, max_tokens, top_p, frequency_penalty, presence_penalty, tags, created_at, updated_at)
        values (${assistant.id}, ${assistant.ownerId}, ${assistant.name},
          ${ownModel(assistant.modelId)}, ${ownModel(assistant.modelName)}, ${assistant.visibility}, ${assistant.description}, ${assistant.systemPrompt},
          ${assistant.avatar}, ${parameters.temperature ?? null}, ${parameters.maxTokens ?? null},
          ${parameters.topP ?? null}, ${parameters.frequencyPenalty ?? null}, ${parameters.presencePenalty ?? null},
          ${assistant.tags}, ${assistant.createdAt}, ${assistant.updatedAt})`.pipe(execute)
    }

    /** Lists the actor's own assistants without templates, last updated first. */
    const listOwn = (actor: Actor, window: OffsetLimit) => {
      const own = ownedBy(sql, actor)
      return sql`
        select (select count(*)::int from assistants a where ${own}) as total, page.*
        from (select) one_row left join (
          select ${columns()} from assistants a where ${own}
          order by a.updated_at desc, a.id desc limit ${window.limit} offset ${window.offset}
        ) page on true
        order by page."updatedAt" desc, page.id desc`.pipe(findPage(Assistant))
    }

    const assignments = (change: AssistantChange) => {
      const { parameters = {} } = change
      return sql`
        name = coalesce(${change.name ?? null}, name),
        model_id = coalesce(${change.modelId ?? null}, model_id),
        model_name = coalesce(${change.modelName ?? null}, nullif(${change.modelId ?? null}::text, model_id), model_name),
        description = coalesce(${change.description ?? null}, description),
        system_prompt = coalesce(${change.systemPrompt ?? null}, system_prompt),
        avatar = coalesce(${change.avatar ?? null}, avatar),
        tags = coalesce(${change.tags ?? null}::text[], tags),
        temperature = coalesce(${parameters.temperature ?? null}, temperature),
        max_tokens = coalesce(${parameters.maxTokens ?? null}, max_tokens),
        top_p = coalesce(${parameters.topP ?? null}, top_p),
        frequency_penalty = coalesce(${parameters.frequencyPenalty ?? null}, frequency_penalty),
        presence_penalty = coalesce(${parameters.presencePenalty ?? null}, presence_penalty)`
    }

    /** Updates the provided fields of one of the actor's own assistants. */
    const update = (actor: Actor, id: AssistantId, change: AssistantChange, now: Date) =>
      sql`
        update assistants a set ${assignments(change)}, updated_at = ${now}
        where a.id = ${uuidOrNull(id)} and ${ownedBy(sql, actor)} returning ${columns()}`.pipe(
        findOne(Assistant),
      )

    const setVisibility = (actor: Actor, id: AssistantId, visibility: "private" | "public", now: Date) =>
      sql`
        update assistants a set visibility = ${visibility},
          updated_at = case when visibility = ${visibility} then updated_at else ${now} end
        where a.id = ${uuidOrNull(id)} and ${ownedBy(sql, actor)} returning ${columns()}`.pipe(
        findOne(Assistant),
      )

    const remove = (actor: Actor, id: AssistantId) =>
      sql`
        delete from assistants a where a.id = ${uuidOrNull(id)} and ${ownedBy(sql, actor)}
        returning ${columns()}`.pipe(findOne(Assistant))

    const updateTemplate = (id: AssistantId, change: AssistantChange, now: Date) =>
      sql`
        update assistants a set ${assignments(change)}, updated_at = ${now}
        where a.id = ${uuidOrNull(id)} and a.visibility = 'template' returning ${columns()}`.pipe(
        findOne(Assistant),
      )

    const removeTemplate = (id: AssistantId) =>
      sql`
        delete from assistants a where a.id = ${uuidOrNull(id)} and a.visibility = 'template'
        returning ${columns()}`.pipe(findOne(Assistant))

    return {
      find,
      insert,
      listOwn,
      update,
      setVisibility,
      remove,
      updateTemplate,
      removeTemplate,
    }
  }),
}) {}
