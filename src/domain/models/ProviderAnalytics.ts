import { Effect } from "effect"
import type { UsagePeriod } from "../operations/Usage/Model"
import { UsageEvents } from "../operations/UsageEvents"
import type { CallsOfDay, NewUsageEvent } from "../operations/UsageEvents/Model"
import type { Actor } from "../shared/Actor"
import { ModelCatalog } from "./ModelCatalog"
import type { CallCounts, ProviderAnalyticsReport } from "./ProviderAnalytics/Model"

/** The provider of models that no configured provider serves any more. */
const UNKNOWN = "unknown"

const sum = <A>(rows: ReadonlyArray<A>, of: (row: A) => number) =>
  rows.reduce((total, row) => total + of(row), 0)

const countsBy = (
  calls: ReadonlyArray<CallsOfDay>,
  keyOf: (calls: CallsOfDay) => string,
): ReadonlyMap<string, CallCounts> =>
  new Map(
    [...Map.groupBy(calls, keyOf)].map(([key, group]) => [
      key,
      { requests: sum(group, ({ requests }) => requests), tokens: sum(group, ({ tokens }) => tokens) },
    ]),
  )

/** Reports users' calls by provider, and records those that front ends make themselves. */
export class ProviderAnalytics extends Effect.Service<ProviderAnalytics>()("ProviderAnalytics", {
  effect: Effect.gen(function* () {
    const events = yield* UsageEvents
    const catalog = yield* ModelCatalog

    /** Records a call that a front end reports; `model` is the provider's own name. Returns the event's id. */
    const record = Effect.fn("ProviderAnalytics.record")((actor: Actor, event: NewUsageEvent) => {
      const prefixed = `${event.provider}/${event.model}`
      const modelIds = [event.model, prefixed, catalog.canonicalId(prefixed)]
      return events.record(actor, event, modelIds)
    })

    const providerOf = ({ provider, model }: CallsOfDay) => provider ?? catalog.providerOf(model) ?? UNKNOWN

    /** Reports the actor's calls in a period of whole days in UTC, optionally of one provider. */
    const report = Effect.fn("ProviderAnalytics.report")(function* (
      actor: Actor,
      { provider, ...period }: UsagePeriod & { readonly provider?: string | undefined },
    ) {
      const all = yield* events.callsByDay(actor, period)
      const calls = provider === undefined ? all : all.filter((row) => providerOf(row) === provider)
      const byProvider = countsBy(calls, providerOf)
      const timed = sum(calls, ({ timedRequests }) => timedRequests)
      const [top] = [...byProvider].toSorted(([, one], [, other]) => other.requests - one.requests)
      const result: ProviderAnalyticsReport = {
        totalRequests: sum(calls, ({ requests }) => requests),
        totalTokens: sum(calls, ({ tokens }) => tokens),
        avgResponseTime: timed === 0 ? 0 : sum(calls, ({ milliseconds }) => milliseconds) / timed / 1000,
        topProvider: top?.[0] ?? null,
        byProvider,
        byDay: countsBy(calls, ({ day }) => day),
      }
      return result
    })

    return { record, report }
  }),
}) {}
