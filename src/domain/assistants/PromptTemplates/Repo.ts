import { SqlClient } from "@effect/sql"
import { Effect, Option } from "effect"
import { uuidOrNull } from "../../shared/Ids"
import { type OffsetLimit, toPageResult } from "../../shared/Page"
import { localeCollated } from "../../shared/TextComparison"
import type { PromptTemplate, PromptTemplateChange, PromptTemplateId } from "./Model"

export class PromptTemplatesRepo extends Effect.Service<PromptTemplatesRepo>()("PromptTemplatesRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    const columns = sql.literal(
      `id, name, category, template_text as "templateText", variables, description,
       usage_count as "usageCount", is_active as "isActive", created_at as "createdAt"`,
    )
    const first = <A>(rows: ReadonlyArray<A>) => Option.fromNullable(rows[0])

    const pageActive = (category: string | undefined, { limit, offset }: OffsetLimit) => {
      const condition = sql`is_active and ${category === undefined ? sql`true` : sql`category = ${category}`}`
      const order = sql.literal(`order by ${localeCollated("category")}, ${localeCollated("name")}, id`)
      return sql<PromptTemplate & { readonly total: number }>`
        select (select count(*)::int from prompt_templates where ${condition}) as total, page.*
        from (select) one_row left join (
          select ${columns} from prompt_templates where ${condition} ${order} limit ${limit} offset ${offset}
        ) page on true
        ${order}`.pipe(Effect.map(toPageResult), Effect.orDie)
    }

    const categories = sql<{ category: string }>`
      select category from prompt_templates where is_active
      group by category order by ${sql.literal(localeCollated("category"))}`.pipe(
      Effect.map((rows) => rows.map(({ category }) => category)),
      Effect.orDie,
    )

    const countUse = (id: PromptTemplateId) =>
      sql<PromptTemplate>`
        update prompt_templates set usage_count = usage_count + 1
        where id = ${uuidOrNull(id)} and is_active returning ${columns}`.pipe(Effect.map(first), Effect.orDie)

    const insert = (template: PromptTemplate) =>
      sql`
        insert into prompt_templates
          (id, name, category, template_text, variables, description, usage_count, is_active, created_at)
        values (${template.id}, ${template.name}, ${template.category}, ${template.templateText},
          ${template.variables}, ${template.description}, ${template.usageCount}, ${template.isActive},
          ${template.createdAt})`.pipe(Effect.orDie, Effect.asVoid)

    const update = (id: PromptTemplateId, change: PromptTemplateChange) =>
      sql<PromptTemplate>`
        update prompt_templates set
          name = coalesce(${change.name ?? null}, name),
          category = coalesce(${change.category ?? null}, category),
          template_text = coalesce(${change.templateText ?? null}, template_text),
          variables = coalesce(${change.variables ?? null}::text[], variables),
          description = coalesce(${change.description ?? null}, description),
          is_active = coalesce(${change.isActive ?? null}, is_active)
        where id = ${uuidOrNull(id)} returning ${columns}`.pipe(Effect.map(first), Effect.orDie)

    const remove = (id: PromptTemplateId) =>
      sql<PromptTemplate>`
        delete from prompt_templates where id = ${uuidOrNull(id)} returning ${columns}`.pipe(
        Effect.map(first),
        Effect.orDie,
      )

    return { pageActive, categories, countUse, insert, update, remove }
  }),
}) {}
