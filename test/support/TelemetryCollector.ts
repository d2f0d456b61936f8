import { Effect } from "effect"

/** Starts a collector of telemetry that records the requests it receives. */
export const startCollector = Effect.acquireRelease(
  Effect.sync(() => {
    const received: Array<{ readonly path: string; readonly body: string; readonly key: string | null }> = []
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: async (request) => {
        const path = new URL(request.url).pathname
        received.push({ path, body: await request.text(), key: request.headers.get("x-api-key") })
        return Response.json({})
      },
    })
    return { url: `http://127.0.0.1:${server.port}`, received, stop: () => server.stop(true) }
  }),
  ({ stop }) => Effect.promise(stop),
)
