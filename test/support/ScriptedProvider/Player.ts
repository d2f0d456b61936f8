import { endlessBody, type Script, type Step, stall } from "./Script"
import * as Wire from "./Wire"

type Answer = Extract<Script, { readonly _tag: "Answer" }>
type Timed = Extract<Step, { readonly _tag: "Pause" | "WaitFor" | "Stall" }>

const encoder = new TextEncoder()

/** Waits as the step specifies, or until the client disconnects. */
const wait = (step: Timed, signal: AbortSignal) => {
  const resumed = Promise.withResolvers<void>()
  const resume = () => resumed.resolve()
  signal.addEventListener("abort", resume, { once: true })
  const timer = step._tag === "Pause" ? setTimeout(resume, step.millis) : undefined
  if (step._tag === "WaitFor") void step.latch.opened.then(resume)
  return resumed.promise.finally(() => {
    clearTimeout(timer)
    signal.removeEventListener("abort", resume)
  })
}

const usageOf = (request: Wire.ChatRequest, text: string, step: Extract<Step, { readonly _tag: "Usage" }>) =>
  step.promptTokens < 0
    ? Wire.usageOf(Wire.countPrompt(request), Wire.countWords(text))
    : Wire.usageOf(step.promptTokens, step.completionTokens)

const toWire = (request: Wire.ChatRequest, text: string, step: Exclude<Step, Timed>): string | Uint8Array => {
  switch (step._tag) {
    case "Delta":
      return Wire.frame(JSON.stringify(Wire.deltaChunk(request, { content: step.text }, step.choice)))
    case "RawDelta":
      return Wire.frame(JSON.stringify(Wire.deltaChunk(request, step.fields)))
    case "Finish":
      return Wire.frame(JSON.stringify(Wire.finishChunk(request, step.reason)))
    case "Usage":
      return request.stream_options?.include_usage === true
        ? Wire.frame(JSON.stringify(Wire.usageChunk(request, usageOf(request, text, step))))
        : ""
    case "Event":
      return Wire.frame(step.data, step.event)
    case "Raw":
      return step.bytes
    case "Disconnect":
      return ""
  }
}

const isTimed = (step: Step): step is Timed =>
  step._tag === "Pause" || step._tag === "WaitFor" || step._tag === "Stall"

/** Returns the script as a streamed response; `onEnd` receives how it ended, unless the client aborts it. */
export const stream = (
  request: Wire.ChatRequest,
  script: Answer,
  signal: AbortSignal,
  onEnd: (outcome: "completed" | "dropped") => void,
) => {
  const play = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    let text = ""
    for (const step of script.steps) {
      if (isTimed(step)) await wait(step, signal)
      if (signal.aborted) return
      if (isTimed(step)) continue
      if (step._tag === "Disconnect") {
        // Written bytes are sent in later turns of the event loop: an immediate disconnect would discard
        // what the client has not read yet.
        await Bun.sleep(250)
        onEnd("dropped")
        return controller.error(new Error("scripted disconnect"))
      }
      if (step._tag === "Delta") text += step.text
      const bytes = toWire(request, text, step)
      if (bytes.length > 0) controller.enqueue(typeof bytes === "string" ? encoder.encode(bytes) : bytes)
    }
    onEnd("completed")
    controller.close()
  }
  return new Response(new ReadableStream<Uint8Array>({ start: (controller) => void play(controller) }), {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      ...script.headers,
    },
  })
}

/** Returns the script as one complete response, for `stream: false`. */
export const complete = async (request: Wire.ChatRequest, script: Answer, signal: AbortSignal) => {
  let text = ""
  let reason = "stop"
  let usage: Wire.Usage | undefined
  for (const step of script.steps) {
    if (isTimed(step)) await wait(step, signal)
    if (step._tag === "Delta" && step.choice === 0) text += step.text
    if (step._tag === "Finish") reason = step.reason
    if (step._tag === "Usage") usage = usageOf(request, text, step)
    if (step._tag === "Raw") return new Response(step.bytes, { headers: script.headers })
  }
  const counted = usage ?? Wire.usageOf(Wire.countPrompt(request), Wire.countWords(text))
  return Response.json(Wire.completion(request, text, reason, counted), { headers: script.headers })
}

const filler = new Uint8Array(64 * 1024).fill(32)

/** Returns a body that keeps sending, or that starts and then stalls. */
const unendingBody = (keepsSending: boolean) =>
  new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode("So")),
    async pull(controller) {
      await Bun.sleep(1)
      if (keepsSending) controller.enqueue(filler)
      else await new Promise(() => {})
    },
  })

/** Returns an error response: an object as JSON, a string as the HTML page of a proxy. */
export const errorResponse = ({ body, headers, status }: Extract<Script, { readonly _tag: "Status" }>) => {
  if (body === endlessBody || body === stall) {
    return new Response(unendingBody(body === endlessBody), { status, headers })
  }
  return typeof body === "string"
    ? new Response(body, { status, headers: { "content-type": "text/html", ...headers } })
    : Response.json(body, { status, headers })
}
