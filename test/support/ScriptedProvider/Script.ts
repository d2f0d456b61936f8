/** One step of a scripted response, as data, so that a test reads like the exchange. */
export type Step =
  | { readonly _tag: "Delta"; readonly text: string; readonly choice: number }
  | { readonly _tag: "RawDelta"; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly _tag: "Finish"; readonly reason: string }
  | { readonly _tag: "Usage"; readonly promptTokens: number; readonly completionTokens: number }
  | { readonly _tag: "Event"; readonly data: string; readonly event: string | undefined }
  | { readonly _tag: "Raw"; readonly bytes: Uint8Array }
  | { readonly _tag: "Pause"; readonly millis: number }
  | { readonly _tag: "WaitFor"; readonly latch: Latch }
  | { readonly _tag: "Stall" }
  | { readonly _tag: "Disconnect" }

export type Script =
  | {
      readonly _tag: "Answer"
      readonly steps: ReadonlyArray<Step>
      readonly headers: Readonly<Record<string, string>>
    }
  | {
      readonly _tag: "Status"
      readonly status: number
      readonly body: unknown
      readonly headers: Readonly<Record<string, string>>
    }

/** Holds an answer until the test opens the latch. Opening is final and may happen before the wait. */
export class Latch {
  readonly #deferred = Promise.withResolvers<void>()
  readonly opened = this.#deferred.promise
  open() {
    this.#deferred.resolve()
  }
}

const encoder = new TextEncoder()

/** Text of the answer, in one delta and one network write. */
export const delta = (text: string, choice = 0): Step => ({ _tag: "Delta", text, choice })
/** Any other delta: `{ role: "assistant" }`, `{ reasoning_content: "…" }`, `{ refusal: "…" }`. */
export const rawDelta = (fields: Readonly<Record<string, unknown>>): Step => ({
  _tag: "RawDelta",
  fields,
})
export const finish = (reason: string): Step => ({ _tag: "Finish", reason })
/** Overrides the counted usage. Sent only when the request includes usage, as real providers do. */
export const usage = (promptTokens: number, completionTokens: number): Step => ({
  _tag: "Usage",
  promptTokens,
  completionTokens,
})
/** A server-sent event with any data: JSON for an object, the text itself for a string. */
export const event = (data: unknown, name?: string): Step => ({
  _tag: "Event",
  data: typeof data === "string" ? data : JSON.stringify(data),
  event: name,
})
/** Bytes as they are, in one network write. */
export const raw = (bytes: string | Uint8Array): Step => ({
  _tag: "Raw",
  bytes: typeof bytes === "string" ? encoder.encode(bytes) : bytes,
})
export const pause = (millis: number): Step => ({ _tag: "Pause", millis })
export const waitFor = (latch: Latch): Step => ({ _tag: "WaitFor", latch })
/** Sends nothing more and keeps the connection open. */
export const stall: Step = { _tag: "Stall" }
/** Drops the connection without ending the body. */
export const disconnect: Step = { _tag: "Disconnect" }
/** The marker that ends a stream. */
export const done: Step = event("[DONE]")

const toStep = (step: string | Step) => (typeof step === "string" ? delta(step) : step)
const terminalSteps = new Set<Step["_tag"]>(["Stall", "Disconnect"])

/**
 * A complete answer: strings are deltas, and it ends properly (finish_reason, usage, [DONE]) unless it
 * disconnects or stalls: `answer("Hel", waitFor(latch), "lo")`.
 */
export const answer = (...content: ReadonlyArray<string | Step>): Script => {
  const steps = content.map(toStep)
  if (!steps.some((step) => terminalSteps.has(step._tag))) {
    if (!steps.some((step) => step._tag === "Finish")) steps.push(finish("stop"))
    if (!steps.some((step) => step._tag === "Usage")) steps.push(usage(-1, -1))
    steps.push(done)
  }
  return { _tag: "Answer", steps: [rawDelta({ role: "assistant", content: "" }), ...steps], headers: {} }
}

/** An answer of exactly these steps, followed by a clean end of the body. */
export const exactAnswer = (...content: ReadonlyArray<string | Step>): Script => ({
  _tag: "Answer",
  steps: content.map(toStep),
  headers: {},
})

/** An answer that repeats `text` in `count` deltas, one every `millis`. */
export const pacedAnswer = (text: string, count: number, millis: number): Script =>
  answer(...Array.from({ length: count }, () => [pause(millis), delta(text)]).flat())

/** The body of an HTTP error that continues for as long as it is read. */
export const endlessBody = Symbol("endlessBody")

/**
 * An HTTP error. An object is sent as JSON, a string as an HTML page; `endlessBody` and `stall` never end.
 */
export const status = (
  status: number,
  body: unknown = { error: { message: `scripted ${status}`, type: "scripted", code: null } },
  headers: Readonly<Record<string, string>> = {},
): Script => ({ _tag: "Status", status, body, headers })

/** Adds response headers to a script. */
export const withHeaders = (script: Script, headers: Readonly<Record<string, string>>): Script => ({
  ...script,
  headers: { ...script.headers, ...headers },
})
