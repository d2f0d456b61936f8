import { connect } from "node:net"
import { HttpApp, HttpMiddleware, HttpRouter, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect, Runtime } from "effect"
import { serveApp } from "../infra/bun-http/testServer"

/**
 * Measures the CPU time of a trivial request: with Bun.serve alone, with our layer, and with
 * HttpApp.toHandled in place of our request handler.
 * `npx -y bun test/bench/request-cpu.ts [connections] [milliseconds]`
 */
const isClient = process.argv[2] === "client"
const [connections, time] = process.argv.slice(isClient ? 4 : 2).map(Number)
const clients = connections ?? 32
const duration = time ?? 500
const rounds = 9

/** Sends requests one after another on each connection, in a separate process. */
const sendRequests = async (port: number) => {
  let responses = 0
  let stopped = false
  setTimeout(() => (stopped = true), duration)
  const request =
    "GET / HTTP/1.1\r\nHost: bench\r\nAccept: */*\r\nUser-Agent: bench\r\nAuthorization: Bearer abc\r\n\r\n"
  await Promise.all(
    Array.from(
      { length: clients },
      () =>
        new Promise<void>((resolve) => {
          const socket = connect(port, "127.0.0.1", () => socket.write(request))
          socket.on("data", () => {
            responses++
            if (!stopped) return socket.write(request)
            socket.destroy()
            return resolve()
          })
        }),
    ),
  )
  process.stdout.write(`${responses}`)
}

const payload = { ok: true, message: "hello" }
const app = Effect.sync(() => HttpServerResponse.unsafeJson(payload))

const makeToHandledFetch = (runtime: Runtime.Runtime<never>) => {
  const resolvers = new WeakMap<object, (response: Response) => void>()
  const run = Runtime.runFork(runtime)
  const program = HttpApp.toHandled(app, ({ source }, response) =>
    Effect.sync(() => {
      if (source instanceof Request) resolvers.get(source)?.(HttpServerResponse.toWeb(response))
    }),
  )
  return (source: Request) =>
    new Promise<Response>((resolve) => {
      resolvers.set(source, resolve)
      run(
        Effect.provideService(
          program,
          HttpServerRequest.HttpServerRequest,
          HttpServerRequest.fromWeb(source),
        ),
      )
    })
}

const program = Effect.gen(function* () {
  const runtime = yield* Effect.locally(
    Effect.runtime<never>(),
    HttpMiddleware.currentTracerDisabledWhen,
    () => true,
  )
  const serve = (fetch: (request: Request) => Response | Promise<Response>) =>
    Bun.serve({ port: 0, hostname: "127.0.0.1", idleTimeout: 0, fetch }).port ?? 0
  const ports = {
    "Bun.serve": serve(() => Response.json(payload)),
    "our layer": yield* serveApp(app),
    "our layer, HttpRouter": yield* serveApp(HttpRouter.empty.pipe(HttpRouter.get("/", app))),
    toHandled: serve(makeToHandledFetch(runtime)),
  }
  const costs = new Map<string, Array<number>>(Object.keys(ports).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, port] of Object.entries(ports)) {
      const before = process.cpuUsage()
      const load = Bun.spawn(
        [process.execPath, import.meta.path, "client", String(port), String(clients), String(duration)],
        {
          stdout: "pipe",
          stderr: "inherit",
        },
      )
      const responses = Number(yield* Effect.promise(() => new Response(load.stdout).text()))
      const { user, system } = process.cpuUsage(before)
      if (round > 0) costs.get(name)?.push((user + system) / responses)
    }
  }
  const median = (name: string) =>
    (costs.get(name) ?? []).sort((a, b) => a - b)[(rounds - 1) >> 1] ?? Number.NaN
  for (const name of Object.keys(ports)) {
    const ratio = median("Bun.serve") / median(name)
    process.stdout.write(
      `${name.padEnd(24)} ${median(name).toFixed(1)} µs per request, ${ratio.toFixed(2)}\n`,
    )
  }
})

if (isClient) await sendRequests(Number(process.argv[3]))
else await Effect.runPromise(Effect.scoped(program))
process.exit(0)
