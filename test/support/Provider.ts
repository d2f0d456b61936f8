import { parseArgs } from "node:util"
import { Context, Effect, Layer } from "effect"
import { entries } from "./Provider/Catalogue"
import * as Play from "./Provider/Play"
import { answer, paced, type Script } from "./Provider/Script"
import * as Wire from "./Provider/Wire"

/** How an exchange ended: in full, by the caller's going away, or by a scripted cut. */
type Ending = "answered" | "aborted" | "cut"

/** One chat completion as the provider saw it. */
interface Received {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Wire.ChatRequest
  /** The caller's port: the same for two requests over one connection. */
  readonly connection: number
  /** Waits until the exchange is over and says how. */
  readonly ended: Effect.Effect<Ending>
}

/** Decides by the request itself, for tests that ask many things at once. */
export type Answering = (request: Wire.ChatRequest) => Script

/** Repeats the last turn word by word: deterministic, with usage counted in words. */
const echo: Answering = (request) => {
  return answer(...(`You said: ${Wire.promptOf(request)}`.match(/\s*\S+/g) ?? []))
}

/** How the list of models is answered. */
type Listing = () => Response | Promise<Response>

/** How pictures are drawn, when nothing else is scripted. */
type Drawing = () => unknown

/** A picture as it was asked for; `inputs` where it was to begin from others. */
interface ImageRequest {
  readonly model: string
  readonly prompt: string
  readonly inputs?: ReadonlyArray<{ readonly type: string; readonly size: number }>
}

interface Waiting {
  readonly index: number
  readonly resolve: (received: Received) => void
}

const makeServer = (options: { readonly port?: number; readonly answering?: Answering }) => {
  const requests: Array<Received> = []
  const queue: Array<Script> = []
  let waiting: Array<Waiting> = []
  let open = 0
  let answering = options.answering ?? echo
  const imageRequests: Array<ImageRequest> = []
  const listRequests: Array<Readonly<Record<string, string>>> = []
  let listing: Listing = () => Response.json({ object: "list", data: entries })

  let setImageResponse: Drawing = () => Wire.picture

  const record = (headers: Headers, body: Wire.ChatRequest, connection = 0) => {
    const ending = Promise.withResolvers<Ending>()
    open++
    void ending.promise.then(() => open--)
    const received = {
      headers: headers.toJSON(),
      body,
      connection,
      ended: Effect.promise(() => ending.promise),
    }
    const index = requests.push(received) - 1
    for (const waiter of waiting) if (waiter.index === index) waiter.resolve(received)
    waiting = waiting.filter((waiter) => waiter.index > index)
    return ending.resolve
  }

  const chat = async (request: Request, server: Bun.Server<undefined>) => {
    const body = (await request.json()) as Wire.ChatRequest
    const ended = record(request.headers, body, server.requestIP(request)?.port)
    request.signal.addEventListener("abort", () => ended("aborted"))
    const script = queue.shift() ?? answering(body)
    if (script._tag === "Answer" && body.stream === true) {
      return Play.stream(body, script, request.signal, ended)
    }
    const response =
      script._tag === "Answer" ? await Play.whole(body, script, request.signal) : Play.refusal(script)
    ended("answered")
    return response
  }

  const draw = (request: ImageRequest) => {
    imageRequests.push(request)
    const script = queue.shift()
    return script?._tag === "Status" ? Play.refusal(script) : Response.json(setImageResponse())
  }

  const server = Bun.serve({
    port: options.port ?? 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    development: false,
    error: () => new Response("scripted cut", { status: 500 }),
    routes: {
      "/v1/chat/completions": { POST: chat },
      "/v1/images/generations": { POST: async (request) => draw((await request.json()) as ImageRequest) },
      "/v1/images/edits": {
        POST: async (request) => {
          const form = await request.formData()
          const files = [...form.values()].filter((value) => value instanceof File)
          return draw({
            model: String(form.get("model")),
            prompt: String(form.get("prompt")),
            inputs: files.map(({ type, size }) => ({ type, size })),
          })
        },
      },
      "/v1/images": {
        POST: async (request) => {
          const { model, prompt, input_references } = (await request.json()) as Wire.RoutedDrawing
          const inputs = input_references?.map(({ image_url }) => Wire.sizeOf(image_url.url))
          return draw({ model, prompt, ...(inputs === undefined ? {} : { inputs }) })
        },
      },
      "/v1/models": {
        GET: ({ headers, url }) => {
          listRequests.push({ ...Object.fromEntries(headers), search: new URL(url).search })
          return listing()
        },
      },
    },
    fetch: () => Response.json({ error: { message: "no such path", code: "not_found" } }, { status: 404 }),
  })

  return {
    /** The base URL that clients are configured with, `/v1` included. */
    url: `http://127.0.0.1:${server.port}/v1`,
    /** Every chat completion asked for so far, in order. */
    requests: requests as ReadonlyArray<Received>,
    /** Every picture asked for so far, in order. */
    imageRequests: imageRequests as ReadonlyArray<ImageRequest>,
    /** Exchanges not yet over. */
    open: () => open,
    /** What the next requests get, in turn; after these, it answers as usual. */
    script: (...scripts: ReadonlyArray<Script>) =>
      Effect.sync(() => {
        queue.push(...scripts)
      }),
    /** How requests are answered from now on when nothing is scripted for them. */
    answering: (next: Answering) =>
      Effect.sync(() => {
        answering = next
      }),
    /** What pictures are answered with from now on. */
    setImageResponse: (next: Drawing) =>
      Effect.sync(() => {
        setImageResponse = next
      }),
    /** The headers, and the `search`, of every request for the list of models so far. */
    listRequests: listRequests as ReadonlyArray<Readonly<Record<string, string>>>,
    /** How such requests are answered from now on. */
    listing: (next: Listing) =>
      Effect.sync(() => {
        listing = next
      }),
    /** Waits for the request with this index, counted from 0. */
    received: (index: number) =>
      Effect.promise(
        () =>
          new Promise<Received>((resolve) => {
            const already = requests[index]
            if (already === undefined) waiting.push({ index, resolve })
            else resolve(already)
          }),
      ),
    close: () => server.stop(true),
  }
}

/**
 * A model provider behind a real HTTP endpoint on loopback, speaking the OpenAI wire and doing
 * what its script says. The only scripted thing in the suite: everything else is real.
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
    values.deltas === undefined ? undefined : paced(values.text, Number(values.deltas), Number(values.every))
  const server = makeServer({
    port: Number(values.port),
    ...(script === undefined ? {} : { answering: () => script }),
  })
  process.stdout.write(`${server.url}\n`)
}
