import { Effect } from "effect"
import type { SendRequest } from "./ChatCompletionsClient"
import { mergeSystem, withAlternatingRoles } from "./MessageRoles"
import { type OptionalName, parseRefusal, type Refusal } from "./RefusedParameters"

type Params = Parameters<SendRequest>[0]

/** How the requests to a model differ from the usual ones, as its provider demanded. */
interface Adaptation {
  readonly omitted: ReadonlySet<OptionalName>
  /** The other one of the two names of the output limit. */
  readonly isLimitRenamed: boolean
  /** Whether the roles of messages alternate, and whether the system prompt is part of the first one. */
  readonly roles: "any" | "alternating" | "without system"
  /** The most tokens that an answer may have, and whether that is the model's limit or only this prompt's. */
  readonly outputLimit?: { readonly tokens: number; readonly isForModel: boolean }
}

const unadapted: Adaptation = { omitted: new Set(), isLimitRenamed: false, roles: "any" }

/** How long to remember what a model refuses: gateways and servers are updated and configured. */
const RETENTION_MS = 60 * 60 * 1000

/** How many models to remember, more than any provider has: users may choose base URLs and names. */
const MAX_MODELS = 1000

/** How many refusals of one request to adapt to: one for each parameter, and two for the roles. */
const MAX_REFUSALS = 10

/** What models have refused, by base URL and name; in memory, and for an hour. */
export class RequestAdaptations extends Effect.Service<RequestAdaptations>()("RequestAdaptations", {
  sync: () => makeAdaptations(Date.now),
}) {}

export const makeAdaptations = (now: () => number) => {
  const entries = new Map<string, { readonly adaptation: Adaptation; readonly expiresAt: number }>()
  return {
    get: (key: string): Adaptation => {
      const entry = entries.get(key)
      return entry === undefined || entry.expiresAt <= now() ? unadapted : entry.adaptation
    },
    set: (key: string, adaptation: Adaptation) => {
      entries.delete(key)
      const [oldest] = entries.keys()
      if (entries.size >= MAX_MODELS && oldest !== undefined) entries.delete(oldest)
      entries.set(key, { adaptation, expiresAt: now() + RETENTION_MS })
    },
  }
}

const adaptMessages = (messages: Params["messages"], { roles }: Adaptation) => {
  if (roles === "any") return messages
  return withAlternatingRoles(roles === "alternating" ? messages : mergeSystem(messages))
}

const renameLimit = ({ max_tokens, max_completion_tokens, ...params }: Params): Params => ({
  ...params,
  ...(max_tokens == null ? {} : { max_completion_tokens: max_tokens }),
  ...(max_completion_tokens == null ? {} : { max_tokens: max_completion_tokens }),
})

const lowerLimit = (params: Params, tokens: number): Params => ({
  ...params,
  ...(params.max_tokens == null ? {} : { max_tokens: Math.min(params.max_tokens, tokens) }),
  ...(params.max_completion_tokens == null
    ? {}
    : { max_completion_tokens: Math.min(params.max_completion_tokens, tokens) }),
})

const adapt = (params: Params, adaptation: Adaptation): Params => {
  if (adaptation === unadapted) return params
  const limited = lowerLimit(params, adaptation.outputLimit?.tokens ?? Number.POSITIVE_INFINITY)
  const renamed = adaptation.isLimitRenamed ? renameLimit(limited) : limited
  const kept = Object.entries(renamed).filter(([name]) => !adaptation.omitted.has(name as OptionalName))
  const body = Object.fromEntries(kept) as unknown as Params
  return { ...body, messages: adaptMessages(params.messages, adaptation) }
}

const isLimit = (name: OptionalName) => name === "max_tokens" || name === "max_completion_tokens"

/** Returns the adaptation that satisfies a refusal too; undefined if nothing more can be done. */
const extend = (adaptation: Adaptation, refusal: Refusal, params: Params): Adaptation | undefined => {
  if (refusal._tag === "Parameters") {
    const isRenaming = refusal.names.some(isLimit) && !adaptation.isLimitRenamed
    const omitted = refusal.names.filter((name) => !(isRenaming && isLimit(name)))
    const streaming: ReadonlyArray<OptionalName> = omitted.includes("stream") ? ["stream_options"] : []
    return {
      ...adaptation,
      isLimitRenamed: adaptation.isLimitRenamed || isRenaming,
      omitted: new Set([...adaptation.omitted, ...omitted, ...streaming]),
    }
  }
  if (refusal._tag === "OutputLimit") return { ...adaptation, outputLimit: refusal }
  const alternating = { ...adaptation, roles: "alternating" as const }
  const isChanged = withAlternatingRoles(params.messages).length < params.messages.length
  if (!refusal.isSystem && adaptation.roles === "any" && isChanged) return alternating
  const hasSystem = params.messages.some(({ role }) => role === "system")
  return hasSystem && adaptation.roles !== "without system"
    ? { ...adaptation, roles: "without system" }
    : undefined
}

/** Returns what of an adaptation applies to other requests too. */
const toRemember = ({ outputLimit, ...adaptation }: Adaptation): Adaptation =>
  outputLimit?.isForModel === true ? { ...adaptation, outputLimit } : adaptation

/**
 * Makes a sender that sends a request again without the parameters that the provider refuses, or with them
 * under their other name. What an accepted request went without is remembered for its model.
 */
export const makeAdaptiveSender =
  (send: SendRequest, baseUrl: string, adaptations: ReturnType<typeof makeAdaptations>): SendRequest =>
  async (params, signal) => {
    const key = `${baseUrl} ${params.model}`
    const known = adaptations.get(key)
    let adaptation = known
    for (let refusals = 0; ; refusals++) {
      const adapted = adapt(params, adaptation)
      try {
        const response = await send(adapted, signal)
        if (adaptation !== known) adaptations.set(key, toRemember(adaptation))
        return response
      } catch (thrown) {
        const refusal = refusals < MAX_REFUSALS ? parseRefusal(thrown, adapted) : undefined
        const extended = refusal && extend(adaptation, refusal, params)
        if (extended === undefined) throw thrown
        adaptation = extended
      }
    }
  }
