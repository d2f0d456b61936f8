import { expect } from "bun:test"
import { Deferred, Effect, Fiber, TestClock } from "effect"
import { RemoteFiles } from "../../../src/domain/files/RemoteFiles"
import * as Storage from "../../../src/infra/storage/RemoteFiles"
import { it } from "../../support/it"
import { withConfig } from "../../support/withConfig"

const makeRemoteFiles = (allowPrivate: boolean) =>
  Effect.provide(RemoteFiles, Storage.layer.pipe(withConfig({ ALLOW_PRIVATE_URLS: String(allowPrivate) })))

/** Starts a site on loopback. Returns its URL, with a host name. */
const startSite = (respond: (path: string) => Response | Promise<Response>) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() =>
        Bun.serve({
          port: 0,
          hostname: "127.0.0.1",
          fetch: ({ url }) => respond(new URL(url).pathname),
        }),
      ),
      (server) => Effect.promise(() => server.stop(true)),
    ),
    ({ port }) => `http://localhost:${port}`,
  )

it.live("RemoteFiles returns a file with its media type, and rejects missing and oversized ones", () =>
  Effect.gen(function* () {
    const remote = yield* makeRemoteFiles(true)
    let sent = 0
    const site = yield* startSite((path) => {
      if (path === "/moved") return new Response(null, { status: 302, headers: { location: "/there" } })
      if (path === "/there") return new Response("a,b", { headers: { "content-type": "text/csv" } })
      if (path !== "/large") return new Response("no", { status: 404 })
      return new Response(
        new ReadableStream({
          pull: async (controller) => {
            sent++
            controller.enqueue(new Uint8Array(600))
            await Bun.sleep(1)
          },
        }),
      )
    })
    expect(yield* remote.fetch(`${site}/moved`, 3)).toEqual({
      bytes: Buffer.from("a,b"),
      mediaType: "text/csv",
    })
    for (const [url, message] of [
      [`${site}/missing`, "The server of this URL responded with status 404."],
      [`${site}/large`, "The file at this URL is larger than the 1000 bytes allowed."],
      ["http://127.0.0.1:1/", "The file at this URL could not be fetched."],
      ["http://", "This is not a valid URL."],
    ] as const) {
      const error = yield* Effect.flip(remote.fetch(url, 1000))
      expect([url, error._tag, error.message]).toEqual([url, "RemoteFileRejected", message])
    }
    expect(sent).toBeLessThan(1000)
  }),
)

it.live("RemoteFiles rejects URLs on private networks unless ALLOW_PRIVATE_URLS is on", () =>
  Effect.gen(function* () {
    const remote = yield* makeRemoteFiles(false)
    const site = yield* startSite(() => new Response("secret"))
    const { message } = yield* Effect.flip(remote.fetch(site, 1000))
    expect(message).toBe("URLs on private networks are not fetched.")
  }),
)

it.effect("RemoteFiles times out when the site does not respond", () =>
  Effect.gen(function* () {
    const remote = yield* makeRemoteFiles(true)
    const reached = yield* Deferred.make<void>()
    const site = yield* startSite(() => {
      Deferred.unsafeDone(reached, Effect.void)
      return new Promise(() => {})
    })
    const fetched = yield* Effect.fork(Effect.flip(remote.fetch(site, 1000)))
    yield* Deferred.await(reached)
    yield* TestClock.adjust("20 seconds")
    expect((yield* Fiber.join(fetched)).message).toBe("Fetching the file at this URL timed out.")
  }),
)
