import { SqlClient } from "@effect/sql"
import { DateTime, Effect, type Option } from "effect"
import { Audit } from "../operations/Audit"
import type { Actor } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import { requireAdmin } from "../shared/Policy"
import { withTransaction } from "../shared/Transaction"
import { PromptTemplateNotFound } from "./PromptTemplates/Errors"
import {
  type NewPromptTemplate,
  type PromptTemplate,
  type PromptTemplateChange,
  PromptTemplateId,
  variablesIn,
} from "./PromptTemplates/Model"
import { PromptTemplatesRepo } from "./PromptTemplates/Repo"

/** Prompts with variables in them: administrators make them, everyone uses them. */
export class PromptTemplates extends Effect.Service<PromptTemplates>()("PromptTemplates", {
  dependencies: [PromptTemplatesRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* PromptTemplatesRepo
    const audit = yield* Audit
    const ids = yield* IdGenerator

    const orNotFound = <A>(found: Option.Option<A>) =>
      Effect.mapError(found, () => new PromptTemplateNotFound())

    /** Part of those that are active, by category and name: of all, or of one category's. */
    const page = Effect.fn("PromptTemplates.page")(repo.pageActive)

    /** The categories in which there are active templates, by name. */
    const categories = repo.categories

    /** Counts that a template was used; of many who do so at once, each counts. */
    const use = Effect.fn("PromptTemplates.use")((id: PromptTemplateId) =>
      Effect.flatMap(repo.countUse(id), orNotFound),
    )

    const create = Effect.fn("PromptTemplates.create")(function* (actor: Actor, input: NewPromptTemplate) {
      yield* requireAdmin(actor)
      const template: PromptTemplate = {
        description: "",
        variables: variablesIn(input.templateText),
        ...input,
        id: PromptTemplateId.make(yield* ids.generate),
        usageCount: 0,
        isActive: true,
        createdAt: yield* DateTime.nowAsDate,
      }
      yield* repo.insert(template)
      yield* audit.record(actor, "create_prompt_template", template.id, { name: template.name })
      return template
    }, transaction)

    /** Changes what is given; a new text without a word about its variables brings its own. */
    const update = Effect.fn("PromptTemplates.update")(function* (
      actor: Actor,
      id: PromptTemplateId,
      change: PromptTemplateChange,
    ) {
      yield* requireAdmin(actor)
      const { templateText } = change
      const own = templateText === undefined ? {} : { variables: variablesIn(templateText) }
      const template = yield* Effect.flatMap(repo.update(id, { ...own, ...change }), orNotFound)
      yield* audit.record(actor, "update_prompt_template", template.id, { name: template.name })
      return template
    }, transaction)

    const remove = Effect.fn("PromptTemplates.remove")(function* (actor: Actor, id: PromptTemplateId) {
      yield* requireAdmin(actor)
      const template = yield* Effect.flatMap(repo.remove(id), orNotFound)
      yield* audit.record(actor, "delete_prompt_template", template.id, { name: template.name })
    }, transaction)

    return { page, categories, use, create, update, remove }
  }),
}) {}
