import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import { uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit } from "../../shared/Page"
import { execute, findColumn, findOne, findPage } from "../../shared/Rows"
import type { AssistantId } from "../Assistants/Model"
import type { BuiltInAgent } from "./builtInAgents"
import { Agent, type AgentOrder } from "./Model"

/** The category of a published assistant that has neither a category nor a tag. */
const OTHER = "other"

export class AgentsRepo extends Effect.Service<AgentsRepo>()("AgentsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const published = sql`
      (select id, name, description, coalesce(category, lower(tags[1]), ${OTHER}) as category, avatar,
         uses_count as "usesCount", visibility = 'built_in' as is_built_in
       from assistants where visibility <> 'private')`

    const page = (order: AgentOrder, category: string | undefined, { limit, offset }: OffsetLimit) => {
      const agents = sql`${published} a ${category === undefined ? sql`` : sql`where category = ${category}`}`
      const sorted = sql.literal(
        order === "popular"
          ? `order by "usesCount" desc, is_built_in desc, id`
          : `order by is_built_in desc, case when is_built_in then id end, "usesCount" desc, id desc`,
      )
      return sql`
        select (select count(*)::int from ${agents}) as total, page.*
        from (select) one_row left join (
          select * from ${agents} ${sorted} limit ${limit} offset ${offset}
        ) page on true
        ${sorted}`.pipe(findPage(Agent))
    }

    const find = (id: AssistantId) =>
      sql`select * from ${published} a where id = ${uuidOrNull(id)}`.pipe(findOne(Agent))

    /** Lists the categories that have agents, those with the most agents first. */
    const categories = sql`
      select category from ${published} a group by category order by count(*) desc, category`.pipe(
      findColumn("category", Schema.String),
    )

    /** Inserts the built-in agents, or updates those that differ. */
    const upsertBuiltIn = (agents: ReadonlyArray<BuiltInAgent>, now: Date) => {
      return sql`
        insert into assistants as a (id, category, name, avatar, description, system_prompt, visibility, tags,
          created_at, updated_at)
        select id, category, name, avatar, description, "systemPrompt", 'built_in', array[category], ${now}, ${now}
        from json_to_recordset(${JSON.stringify(agents)}::json) as agent
          (id uuid, category text, name text, avatar text, description text, "systemPrompt" text)
        on conflict (id) do update set
          category = excluded.category, name = excluded.name, avatar = excluded.avatar, tags = excluded.tags,
          description = excluded.description, system_prompt = excluded.system_prompt, updated_at = excluded.updated_at
        where (a.category, a.name, a.avatar, a.description, a.system_prompt) is distinct from
          (excluded.category, excluded.name, excluded.avatar, excluded.description, excluded.system_prompt)`.pipe(
        execute,
      )
    }

    return { page, find, categories, upsertBuiltIn }
  }),
}) {}
