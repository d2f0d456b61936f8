import { connect } from "node:net"
import { HttpApp, HttpMiddleware, HttpRouter, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect, Runtime } from "effect"
import { serving } from "../infra/bun-http/testServer"

/**
 * What the answer to a trivial request costs the server in CPU: through Bun.serve alone, through
 * our layer, and through HttpApp.toHandled in place of our runner.
 * `npx -y bun test/bench/http.ts [connections] [milliseconds]`
 */
const child = process.argv[2] === "ask"
const [connections, time] = process.argv.slice(child ? 4 : 2).map(Number)
const clients = connections ?? 32
const span = time ?? 500
const rounds = 9

/** Runs in a process of its own: asks again as soon as it is answered. */
const ask = async (port: number) => {
  let answers = 0
  let over = false
  setTimeout(() => (over = true), span)
  const request =
    "GET / HTTP/1.1\r\nHost: bench\r\nAccept: */*\r\nUser-Agent: bench\r\nAuthorization: Bearer abc\r\n\r\n"
  await Promise.all(
    Array.from(
      { length: clients },
      () =>
        new Promise<void>((resolve) => {
          const socket = connect(port, "127.0.0.1", () => socket.write(request))
          socket.on("data", () => {
            answers++
            if (!over) return socket.write(request)
            socket.destroy()
            return resolve()
          })
        }),
    ),
  )
  process.stdout.write(`${answers}`)
}

const payload = { ok: true, message: "hello" }
const app = Effect.sync(() => HttpServerResponse.unsafeJson(payload))

const handled = (runtime: Runtime.Runtime<never>) => {
  const waiting = new WeakMap<object, (response: Response) => void>()
  const run = Runtime.runFork(runtime)
  const program = HttpApp.toHandled(app, ({ source }, response) =>
    Effect.sync(() => {
      if (source instanceof Request) waiting.get(source)?.(HttpServerResponse.toWeb(response))
    }),
  )
  return (source: Request) =>
    new Promise<Response>((resolve) => {
      waiting.set(source, resolve)
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
    "our layer": yield* serving(app),
    "our layer, HttpRouter": yield* serving(HttpRouter.empty.pipe(HttpRouter.get("/", app))),
    toHandled: serve(handled(runtime)),
  }
  const costs = new Map<string, Array<number>>(Object.keys(ports).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, port] of Object.entries(ports)) {
      const before = process.cpuUsage()
      const load = Bun.spawn(
        [process.execPath, import.meta.path, "ask", String(port), String(clients), String(span)],
        {
          stdout: "pipe",
          stderr: "inherit",
        },
      )
      const answers = Number(yield* Effect.promise(() => new Response(load.stdout).text()))
      const { user, system } = process.cpuUsage(before)
      if (round > 0) costs.get(name)?.push((user + system) / answers)
    }
  }
  const median = (name: string) =>
    (costs.get(name) ?? []).sort((a, b) => a - b)[(rounds - 1) >> 1] ?? Number.NaN
  for (const name of Object.keys(ports)) {
    const ratio = median("Bun.serve") / median(name)
    process.stdout.write(`${name.padEnd(24)} ${median(name).toFixed(1)} µs a request, ${ratio.toFixed(2)}\n`)
  }
})

if (child) await ask(Number(process.argv[3]))
else await Effect.runPromise(Effect.scoped(program))
process.exit(0)
