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

/** Manages prompts with variables. Administrators create them, all users use them. */
export class PromptTemplates extends Effect.Service<PromptTemplates>()("PromptTemplates", {
  dependencies: [PromptTemplatesRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* PromptTemplatesRepo
    const audit = yield* Audit
    const ids = yield* IdGenerator

    const orNotFound = <A>(row: Option.Option<A>) => Effect.mapError(row, () => new PromptTemplateNotFound())

    /** Lists a range of the active templates, optionally of one category, ordered by category and name. */
    const page = Effect.fn("PromptTemplates.page")(repo.pageActive)

    /** Returns the categories that have active templates, ordered by name. */
    const categories = repo.categories

    /** Increments an active template's usage count and returns the template. Concurrent uses all count. */
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

    /** Updates the provided fields; a new text without `variables` replaces them by those in the text. */
    const update = Effect.fn("PromptTemplates.update")(function* (
      actor: Actor,
      id: PromptTemplateId,
      change: PromptTemplateChange,
    ) {
      yield* requireAdmin(actor)
      const { templateText } = change
      const derived = templateText === undefined ? {} : { variables: variablesIn(templateText) }
      const template = yield* Effect.flatMap(repo.update(id, { ...derived, ...change }), orNotFound)
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
