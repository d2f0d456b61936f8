import { APIError } from "openai"
import type { SendRequest } from "./ChatCompletionsClient"

type Params = Parameters<SendRequest>[0]

/** The parameters that a request can do without, in the order in which one of several is given up. */
const optionalNames = [
  "stream_options",
  "max_tokens",
  "max_completion_tokens",
  "frequency_penalty",
  "presence_penalty",
  "top_p",
  "temperature",
  "stream",
] as const
export type OptionalName = (typeof optionalNames)[number]

/** What a provider refused about a request: parameters, or the roles of its messages. */
export type Refusal =
  | { readonly _tag: "Parameters"; readonly names: ReadonlyArray<OptionalName> }
  | { readonly _tag: "Roles"; readonly isSystem: boolean }
  /** The model's limit of an answer, or what this prompt leaves of its context window. */
  | { readonly _tag: "OutputLimit"; readonly tokens: number; readonly isForModel: boolean }

/** Maximum characters of an error examined. */
const MAX_TEXT_LENGTH = 8000

/** Fields that repeat the request, which may name anything. */
const echoes = new Set(["input", "body", "ctx", "url"])

/** Returns all text of an error body in one, without what it repeats of the request. */
const textOf = (body: unknown) =>
  (JSON.stringify(body, (key, value: unknown) => (echoes.has(key) ? undefined : value)) ?? "").slice(
    0,
    MAX_TEXT_LENGTH,
  )

/** Phrases that refuse a parameter, whatever its value. */
const refused =
  /not (?:be )?(?:supported|permitted|allowed|accepted|available|enabled|recogni[sz]ed|implemented)|(?:un|does not |do not |doesn't |don't )support|unrecogni[sz]ed|unknown|unexpected|extra.?(?:inputs?|fields?|forbidden)|additional propert|deprecated|\bonly\b.{0,60}(?:supported|allowed|accepted|set to)|cannot (?:both )?be|must be (?:omitted|unset|removed|verified)|no longer/i

/** Those that say so even beside a range. */
const refusedOutright = /unsupported|not supported|extra.?forbidden|unrecogni[sz]ed|unknown/i

/** Phrases that refuse a value: another one would be accepted, and it is for the user to choose it. */
const outOfRange =
  /between|\brange\b|(?:less|greater|more|larger|higher) than|at (?:most|least)|exceed|too (?:large|high|low|small)|(?:max|min)imum/i

const alternation =
  /roles? must alternate|must alternate|alternate between|roles? in a row|(?:first|last) (?:message|non-system message|content).{0,40}(?:user|human)|consecutive (?:user|assistant|messages)/i
const systemRole =
  /system (?:role|message|prompt|instruction)s? (?:is|are)? ?not (?:supported|allowed|enabled)|(?:not|doesn't) support.{0,20}['"]?(?:the )?system|(?:unexpected|unsupported|invalid).{0,20}role.{0,5}['"]?system|developer instruction is not enabled/i

const pattern = (name: OptionalName) => {
  if (name === "stream") return /['"`]stream['"`]/
  const word = name.endsWith("penalty")
    ? `(?:${name.replace("_penalty", "")}_?)?penalty`
    : name.replaceAll("_", "_?")
  return new RegExp(`\\b${word}\\b`, "i")
}
const patterns = optionalNames.map((name) => [name, pattern(name)] as const)

const outputLimit =
  /valid range of max_tokens is \[\d+, ?(\d+)\]|at most (\d+) completion tokens|max_tokens\W{1,3}must be less than or equal to \W{0,2}(\d+)|> (\d+), which is the maximum allowed number of output tokens/
const contextLength = /maximum context length is (\d+) tokens/
const promptLength = /\((\d+) in the messages|(?:contains at least|has) (\d+) input tokens/

const numberIn = (text: string, pattern: RegExp) => {
  const digits = pattern
    .exec(text)
    ?.slice(1)
    .find((group) => group !== undefined)
  return digits === undefined ? undefined : Number(digits)
}

/** Returns the output limit that an error names or implies, if it is below the one that was sent. */
const parseOutputLimit = (text: string, sent: Params): Refusal | undefined => {
  const forModel = numberIn(text, outputLimit)
  const window = numberIn(text, contextLength)
  const prompt = numberIn(text, promptLength)
  const left = window === undefined || prompt === undefined ? undefined : window - prompt
  const tokens = forModel ?? left
  const sentLimit = sent.max_tokens ?? sent.max_completion_tokens ?? 0
  return tokens !== undefined && tokens > 0 && tokens < sentLimit
    ? { _tag: "OutputLimit", tokens, isForModel: forModel !== undefined }
    : undefined
}

/** The names in `error.param` and in the locations of a list of details; none of them is a guess. */
const explicitNames = (body: unknown): ReadonlyArray<string> => {
  if (Array.isArray(body)) return body.flatMap(explicitNames)
  if (typeof body !== "object" || body === null) return []
  return Object.entries(body).flatMap(([key, value]: [string, unknown]) => {
    if (key === "param" && typeof value === "string") return value.split(/[.[]/, 1)
    if (key === "loc" && Array.isArray(value))
      return value.filter((part) => typeof part === "string").slice(0, 2)
    return echoes.has(key) ? [] : explicitNames(value)
  })
}

/** Statuses that may mean a refused request: some servers answer 500 to what they did not expect. */
const isRefusalStatus = (status: number | undefined) =>
  status === 400 || status === 404 || status === 422 || status === 500 || status === 501

/**
 * Returns what a provider refused about a request, so that it can be sent without; undefined when it refused
 * something else, or a value that it would accept if it were another.
 */
export const parseRefusal = (thrown: unknown, sent: Params): Refusal | undefined => {
  if (!(thrown instanceof APIError) || !isRefusalStatus(thrown.status)) return undefined
  const body: unknown = thrown.error ?? thrown.message
  const text = textOf(body)
  if (systemRole.test(text)) return { _tag: "Roles", isSystem: true }
  if (alternation.test(text)) return { _tag: "Roles", isSystem: false }
  const limit = parseOutputLimit(text, sent)
  if (limit !== undefined) return limit
  if (outOfRange.test(text) && !refusedOutright.test(text)) return undefined
  const isSent = (name: OptionalName) => sent[name] !== undefined
  const explicit = new Set(explicitNames(body))
  const named = optionalNames.filter((name) => isSent(name) && explicit.has(name))
  if (named.length > 0) return { _tag: "Parameters", names: named }
  const mentioned = patterns.find(([name, regex]) => isSent(name) && regex.test(text))?.[0]
  return mentioned !== undefined && refused.test(text)
    ? { _tag: "Parameters", names: [mentioned] }
    : undefined
}
