import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import { uuidOrNull } from "../../shared/Ids"
import type { OffsetLimit } from "../../shared/Page"
import { execute, findColumn, findOne, findPage } from "../../shared/Rows"
import { localeCollated } from "../../shared/TextComparison"
import { PromptTemplate, type PromptTemplateChange, type PromptTemplateId } from "./Model"

export class PromptTemplatesRepo extends Effect.Service<PromptTemplatesRepo>()("PromptTemplatesRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(
      `id, name, category, template_text as "templateText", variables, description,
       usage_count as "usageCount", is_active as "isActive", created_at as "createdAt"`,
    )

    const pageActive = (category: string | undefined, { limit, offset }: OffsetLimit) => {
      const condition = sql`is_active and ${category === undefined ? sql`true` : sql`category = ${category}`}`
      const order = sql.literal(`order by ${localeCollated("category")}, ${localeCollated("name")}, id`)
      return sql`
        select (select count(*)::int from prompt_templates where ${condition}) as total, page.*
        from (select) one_row left join (
          select ${columns} from prompt_templates where ${condition} ${order} limit ${limit} offset ${offset}
        ) page on true
        ${order}`.pipe(findPage(PromptTemplate))
    }

    const categories = sql`
      select category from prompt_templates where is_active
      group by category order by ${sql.literal(localeCollated("category"))}`.pipe(
      findColumn("category", Schema.String),
    )

    const countUse = (id: PromptTemplateId) =>
      sql`
        update prompt_templates set usage_count = usage_count + 1
        where id = ${uuidOrNull(id)} and is_active returning ${columns}`.pipe(findOne(PromptTemplate))

    const insert = (template: PromptTemplate) =>
      sql`
        insert into prompt_templates
          (id, name, category, template_text, variables, description, usage_count, is_active, created_at)
        values (${template.id}, ${template.name}, ${template.category}, ${template.templateText},
          ${template.variables}, ${template.description}, ${template.usageCount}, ${template.isActive},
          ${template.createdAt})`.pipe(execute)

    const update = (id: PromptTemplateId, change: PromptTemplateChange) =>
      sql`
        update prompt_templates set
          name = coalesce(${change.name ?? null}, name),
          category = coalesce(${change.category ?? null}, category),
          template_text = coalesce(${change.templateText ?? null}, template_text),
          variables = coalesce(${change.variables ?? null}::text[], variables),
          description = coalesce(${change.description ?? null}, description),
          is_active = coalesce(${change.isActive ?? null}, is_active)
        where id = ${uuidOrNull(id)} returning ${columns}`.pipe(findOne(PromptTemplate))

    const remove = (id: PromptTemplateId) =>
      sql`
        delete from prompt_templates where id = ${uuidOrNull(id)} returning ${columns}`.pipe(
        findOne(PromptTemplate),
      )

    return { pageActive, categories, countUse, insert, update, remove }
  }),
}) {}
