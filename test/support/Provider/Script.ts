/** What the scripted provider does when it is asked: said as data, so that a test reads like the exchange. */
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

/** Holds an answer in the middle until the test opens it. Opening is final and may come first. */
export class Latch {
  readonly #opening = Promise.withResolvers<void>()
  readonly opened = this.#opening.promise
  open() {
    this.#opening.resolve()
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
/** Overrides the counted usage. Sent only to a caller that asked for usage, as the real ones do. */
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
/** Says nothing more and keeps the connection open. */
export const stall: Step = { _tag: "Stall" }
/** Drops the connection without ending the body. */
export const disconnect: Step = { _tag: "Disconnect" }
/** The marker that ends a stream. */
export const done: Step = event("[DONE]")

const asStep = (piece: string | Step) => (typeof piece === "string" ? delta(piece) : piece)
const endings = new Set<Step["_tag"]>(["Stall", "Disconnect"])

/**
 * A whole answer: strings are deltas, and it closes properly (finish_reason, usage, [DONE])
 * unless it is cut or falls silent: `answer("Hel", hold(gate), "lo")`.
 */
export const answer = (...pieces: ReadonlyArray<string | Step>): Script => {
  const steps = pieces.map(asStep)
  if (!steps.some((step) => endings.has(step._tag))) {
    if (!steps.some((step) => step._tag === "Finish")) steps.push(finish("stop"))
    if (!steps.some((step) => step._tag === "Usage")) steps.push(usage(-1, -1))
    steps.push(done)
  }
  return { _tag: "Answer", steps: [rawDelta({ role: "assistant", content: "" }), ...steps], headers: {} }
}

/** Exactly these steps and nothing else, then a clean end of the body. */
export const exactly = (...pieces: ReadonlyArray<string | Step>): Script => ({
  _tag: "Answer",
  steps: pieces.map(asStep),
  headers: {},
})

/** The same text cut into `count` deltas, one every `millis`. */
export const paced = (text: string, count: number, millis: number): Script =>
  answer(...Array.from({ length: count }, () => [pause(millis), delta(text)]).flat())

/** As the body of an HTTP error: it goes on for as long as it is read. */
export const endless = Symbol("endless")

/** An HTTP error. An object is sent as JSON, a string as an HTML page; `endless` and `silence` do not end. */
export const status = (
  status: number,
  body: unknown = { error: { message: `scripted ${status}`, type: "scripted", code: null } },
  headers: Readonly<Record<string, string>> = {},
): Script => ({ _tag: "Status", status, body, headers })

/** The same script under other response headers. */
export const withHeaders = (script: Script, headers: Readonly<Record<string, string>>): Script => ({
  ...script,
  headers: { ...script.headers, ...headers },
})
