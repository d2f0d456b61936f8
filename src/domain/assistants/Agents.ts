import { DateTime, Effect } from "effect"
import type { OffsetLimit } from "../shared/Page"
import { builtInAgents } from "./Agents/builtInAgents"
import { AgentsRepo } from "./Agents/Repo"
import { AssistantNotFound } from "./Assistants/Errors"
import type { AssistantId } from "./Assistants/Model"

/**
 * Lists the assistants that everyone may use, by category: those shipped with Parley, the administrators'
 * templates and what users published. Their instructions are not shown.
 */
export class Agents extends Effect.Service<Agents>()("Agents", {
  dependencies: [AgentsRepo.Default],
  effect: Effect.gen(function* () {
    const repo = yield* AgentsRepo
    yield* repo.upsertBuiltIn(builtInAgents, yield* DateTime.nowAsDate)

    /** Lists a range, optionally of one category: the built-in ones first, then the most used ones. */
    const list = Effect.fn("Agents.list")((category: string | undefined, range: OffsetLimit) =>
      repo.page("default", category, range),
    )

    /** Lists a range, most used first. */
    const popular = Effect.fn("Agents.popular")((range: OffsetLimit) =>
      repo.page("popular", undefined, range),
    )

    const get = Effect.fn("Agents.get")((id: AssistantId) =>
      Effect.flatMap(
        repo.find(id),
        Effect.mapError(() => new AssistantNotFound()),
      ),
    )

    /** The categories that have agents, those with the most agents first. */
    const { categories } = repo

    return { list, popular, get, categories }
  }),
}) {}
