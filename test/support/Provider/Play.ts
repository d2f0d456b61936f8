import { endless, type Script, type Step, stall } from "./Script"
import * as Wire from "./Wire"

type Answer = Extract<Script, { readonly _tag: "Answer" }>
type Timed = Extract<Step, { readonly _tag: "Pause" | "WaitFor" | "Stall" }>

const encoder = new TextEncoder()

/** Waits as the step says, or until the caller has gone away. */
const wait = (step: Timed, signal: AbortSignal) => {
  const gone = Promise.withResolvers<void>()
  const leave = () => gone.resolve()
  signal.addEventListener("abort", leave, { once: true })
  const timer = step._tag === "Pause" ? setTimeout(leave, step.millis) : undefined
  if (step._tag === "WaitFor") void step.latch.opened.then(leave)
  return gone.promise.finally(() => {
    clearTimeout(timer)
    signal.removeEventListener("abort", leave)
  })
}

const usageOf = (request: Wire.ChatRequest, said: string, step: Extract<Step, { readonly _tag: "Usage" }>) =>
  step.promptTokens < 0
    ? Wire.usageOf(Wire.countPrompt(request), Wire.countWords(said))
    : Wire.usageOf(step.promptTokens, step.completionTokens)

const toWire = (request: Wire.ChatRequest, said: string, step: Exclude<Step, Timed>): string | Uint8Array => {
  switch (step._tag) {
    case "Delta":
      return Wire.frame(JSON.stringify(Wire.deltaChunk(request, { content: step.text }, step.choice)))
    case "RawDelta":
      return Wire.frame(JSON.stringify(Wire.deltaChunk(request, step.fields)))
    case "Finish":
      return Wire.frame(JSON.stringify(Wire.finishChunk(request, step.reason)))
    case "Usage":
      return request.stream_options?.include_usage === true
        ? Wire.frame(JSON.stringify(Wire.usageChunk(request, usageOf(request, said, step))))
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

/** The script as a streamed response; `ended` hears how it went. */
export const stream = (
  request: Wire.ChatRequest,
  script: Answer,
  signal: AbortSignal,
  ended: (how: "answered" | "cut") => void,
) => {
  const play = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    let said = ""
    for (const step of script.steps) {
      if (isTimed(step)) await wait(step, signal)
      if (signal.aborted) return
      if (isTimed(step)) continue
      if (step._tag === "Disconnect") {
        // What was written leaves with later turns of the event loop; a cut too soon takes along what the
        // caller has not read yet.
        await Bun.sleep(250)
        ended("cut")
        return controller.error(new Error("scripted cut"))
      }
      if (step._tag === "Delta") said += step.text
      const bytes = toWire(request, said, step)
      if (bytes.length > 0) controller.enqueue(typeof bytes === "string" ? encoder.encode(bytes) : bytes)
    }
    ended("answered")
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

/** The same script answered at once, as `stream: false` asks for. */
export const whole = async (request: Wire.ChatRequest, script: Answer, signal: AbortSignal) => {
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

const chatter = new Uint8Array(64 * 1024).fill(32)

/** A body that goes on, or begins and falls silent. */
const withoutEnd = (goesOn: boolean) =>
  new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode("So")),
    async pull(controller) {
      await Bun.sleep(1)
      if (goesOn) controller.enqueue(chatter)
      else await new Promise(() => {})
    },
  })

/** An error status: an object as JSON, a string as the page of some proxy. */
export const refusal = ({ body, headers, status }: Extract<Script, { readonly _tag: "Status" }>) => {
  if (body === endless || body === stall) {
    return new Response(withoutEnd(body === endless), { status, headers })
  }
  return typeof body === "string"
    ? new Response(body, { status, headers: { "content-type": "text/html", ...headers } })
    : Response.json(body, { status, headers })
}
