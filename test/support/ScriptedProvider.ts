import { parseArgs } from "node:util"
import { Context, Effect, Layer } from "effect"
import { modelEntries } from "./ScriptedProvider/ModelList"
import * as Player from "./ScriptedProvider/Player"
import { answer, pacedAnswer, type Script } from "./ScriptedProvider/Script"
import * as Wire from "./ScriptedProvider/Wire"

/**
 * The end of a request: complete response, aborted by the client, or connection dropped by the script.
 */
type Outcome = "completed" | "aborted" | "dropped"

/** A chat completion request as the provider received it. */
interface ReceivedRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Wire.ChatRequest
  /** The client's port: the same for two requests over one connection. */
  readonly connection: number
  /** Waits until the request has ended and returns how. */
  readonly outcome: Effect.Effect<Outcome>
}

/** Chooses the script by the request, for tests with many concurrent requests. */
export type Responder = (request: Wire.ChatRequest) => Script

/** Repeats the last message word by word: deterministic, with usage counted in words. */
const echo: Responder = (request) => {
  return answer(...(`You said: ${Wire.promptOf(request)}`.match(/\s*\S+/g) ?? []))
}

/** Returns the response to a request for the model list. */
type ListResponder = () => Response | Promise<Response>

/** Returns the body of an image response when nothing else is scripted. */
type ImageResponder = () => unknown

/** An image request as received; `inputs` are its reference images. */
interface ImageRequest {
  readonly model: string
  readonly prompt: string
  readonly inputs?: ReadonlyArray<{ readonly type: string; readonly size: number }>
}

interface Waiter {
  readonly index: number
  readonly resolve: (received: ReceivedRequest) => void
}

const makeServer = (options: { readonly port?: number; readonly responder?: Responder }) => {
  const requests: Array<ReceivedRequest> = []
  const queue: Array<Script> = []
  let waiters: Array<Waiter> = []
  let openCount = 0
  let responder = options.responder ?? echo
  const imageRequests: Array<ImageRequest> = []
  const listRequests: Array<Readonly<Record<string, string>>> = []
  let listResponder: ListResponder = () => Response.json({ object: "list", data: modelEntries })

  let imageResponder: ImageResponder = () => Wire.imageResponse

  const record = (headers: Headers, body: Wire.ChatRequest, connection = 0) => {
    const outcome = Promise.withResolvers<Outcome>()
    openCount++
    void outcome.promise.then(() => openCount--)
    const received = {
      headers: headers.toJSON(),
      body,
      connection,
      outcome: Effect.promise(() => outcome.promise),
    }
    const index = requests.push(received) - 1
    for (const waiter of waiters) if (waiter.index === index) waiter.resolve(received)
    waiters = waiters.filter((waiter) => waiter.index > index)
    return outcome.resolve
  }

  const handleChat = async (request: Request, server: Bun.Server<undefined>) => {
    const body = (await request.json()) as Wire.ChatRequest
    const onEnd = record(request.headers, body, server.requestIP(request)?.port)
    request.signal.addEventListener("abort", () => onEnd("aborted"))
    const script = queue.shift() ?? responder(body)
    if (script._tag === "Answer" && body.stream === true) {
      return Player.stream(body, script, request.signal, onEnd)
    }
    const response =
      script._tag === "Answer"
        ? await Player.complete(body, script, request.signal)
        : Player.errorResponse(script)
    onEnd("completed")
    return response
  }

  const handleImageRequest = (request: ImageRequest) => {
    imageRequests.push(request)
    const script = queue.shift()
    return script?._tag === "Status" ? Player.errorResponse(script) : Response.json(imageResponder())
  }

  const server = Bun.serve({
    port: options.port ?? 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    development: false,
    error: () => new Response("scripted disconnect", { status: 500 }),
    routes: {
      "/v1/chat/completions": { POST: handleChat },
      "/v1/images/generations": {
        POST: async (request) => handleImageRequest((await request.json()) as ImageRequest),
      },
      "/v1/images/edits": {
        POST: async (request) => {
          const form = await request.formData()
          const files = [...form.values()].filter((value) => value instanceof File)
          return handleImageRequest({
            model: String(form.get("model")),
            prompt: String(form.get("prompt")),
            inputs: files.map(({ type, size }) => ({ type, size })),
          })
        },
      },
      "/v1/images": {
        POST: async (request) => {
          const { model, prompt, input_references } = (await request.json()) as Wire.OpenRouterImageRequest
          const inputs = input_references?.map(({ image_url }) => Wire.parseDataUri(image_url.url))
          return handleImageRequest({ model, prompt, ...(inputs === undefined ? {} : { inputs }) })
        },
      },
      "/v1/models": {
        GET: ({ headers, url }) => {
          listRequests.push({ ...Object.fromEntries(headers), search: new URL(url).search })
          return listResponder()
        },
      },
    },
    fetch: () => Response.json({ error: { message: "no such path", code: "not_found" } }, { status: 404 }),
  })

  return {
    /** The base URL that clients are configured with, `/v1` included. */
    url: `http://127.0.0.1:${server.port}/v1`,
    /** All chat completion requests so far, in order. */
    requests: requests as ReadonlyArray<ReceivedRequest>,
    /** All image requests so far, in order. */
    imageRequests: imageRequests as ReadonlyArray<ImageRequest>,
    /** Returns the number of requests that have not ended. */
    openRequests: () => openCount,
    /** Queues scripts for the next requests; afterwards the responder applies again. */
    script: (...scripts: ReadonlyArray<Script>) =>
      Effect.sync(() => {
        queue.push(...scripts)
      }),
    /** Sets the responder for requests without a queued script. */
    setResponder: (next: Responder) =>
      Effect.sync(() => {
        responder = next
      }),
    /** Sets the body of image responses. */
    setImageResponse: (next: ImageResponder) =>
      Effect.sync(() => {
        imageResponder = next
      }),
    /** Headers and query string (`search`) of all requests for the model list so far. */
    listRequests: listRequests as ReadonlyArray<Readonly<Record<string, string>>>,
    /** Sets the response to requests for the model list. */
    setListResponse: (next: ListResponder) =>
      Effect.sync(() => {
        listResponder = next
      }),
    /** Waits for the request with this index, counted from 0. */
    received: (index: number) =>
      Effect.promise(
        () =>
          new Promise<ReceivedRequest>((resolve) => {
            const request = requests[index]
            if (request === undefined) waiters.push({ index, resolve })
            else resolve(request)
          }),
      ),
    close: () => server.stop(true),
  }
}

/**
 * A model provider behind a real HTTP endpoint on loopback that speaks the OpenAI protocol and follows
 * its script. It is the only scripted dependency of the tests: everything else is real.
 */
export class Provider extends Context.Tag("test/Provider")<Provider, ReturnType<typeof makeServer>>() {
  static readonly make = Effect.acquireRelease(
    Effect.sync(() => makeServer({})),
    (server) => Effect.promise(() => server.close()),
  )
  static readonly layer = Layer.scoped(this, this.make)
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "0" },
      deltas: { type: "string" },
      every: { type: "string", default: "5" },
      text: { type: "string", default: "word " },
    },
  })
  const script =
    values.deltas === undefined
      ? undefined
      : pacedAnswer(values.text, Number(values.deltas), Number(values.every))
  const server = makeServer({
    port: Number(values.port),
    ...(script === undefined ? {} : { responder: () => script }),
  })
  process.stdout.write(`${server.url}\n`)
}
