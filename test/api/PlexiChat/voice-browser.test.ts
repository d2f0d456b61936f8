import { expect } from "bun:test"
import { Context, Effect, Layer } from "effect"
import type { Browser, Page } from "playwright-core"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { browserTest, launchBrowser } from "../../support/Browser"
import { layer } from "../../support/it"

/** A front end on an origin of its own. */
class FrontEnd extends Context.Tag("test/VoiceFrontEnd")<FrontEnd, { readonly origin: string }>() {
  static readonly layer = Layer.scoped(
    this,
    Effect.gen(function* () {
      const script = Bun.file(new URL("programs/voicePage.js", import.meta.url))
      const html = '<!doctype html><link rel="icon" href="data:,"><body><script src="/page.js"></script>'
      const serve = ({ url }: Request) =>
        new URL(url).pathname === "/page.js"
          ? new Response(script, { headers: { "content-type": "text/javascript; charset=utf-8" } })
          : new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } })
      const server = yield* Effect.acquireRelease(
        Effect.sync(() => Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: serve })),
        (server) => Effect.promise(() => server.stop(true)),
      )
      return { origin: server.url.origin }
    }),
  )
}

const appLayer = Layer.unwrapEffect(
  Effect.map(FrontEnd, ({ origin }) => Server.layer({ CORS_ORIGINS: origin })),
).pipe(Layer.provideMerge(FrontEnd.layer))

/** Starts a browser whose microphone beeps, and whose calls need no network but the loopback one. */
const launch = launchBrowser(
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--allow-loopback-in-peer-connection",
  "--autoplay-policy=no-user-gesture-required",
)

/** Opens the front end with cookies and storage of its own. */
const openPage = (browser: Browser) =>
  Effect.gen(function* () {
    const { origin } = yield* FrontEnd
    const page = yield* Effect.promise(async () => (await browser.newContext()).newPage())
    const errors: Array<string> = []
    page.on("pageerror", ({ message }) => errors.push(message))
    yield* Effect.promise(() => page.goto(origin))
    return { page, errors }
  })

const run = <A>(page: Page, expression: string): Effect.Effect<A> =>
  Effect.promise(() => page.evaluate<A>(expression))

interface Received {
  readonly bytes: number
  readonly energy: number
}

/** Waits until audio that is not silence has been received, and then for more of it. */
const awaitAudio = (page: Page) =>
  Effect.gen(function* () {
    const receivedMoreThan = (bytes: number, energy: number) =>
      Effect.iterate<Received, never, never>(
        { bytes: 0, energy: 0 },
        {
          while: (received) => received.bytes <= bytes || received.energy <= energy,
          body: () => Effect.delay(run<Received>(page, "received()"), "100 millis"),
        },
      )
    const first = yield* receivedMoreThan(0, 0)
    return yield* receivedMoreThan(first.bytes + 1000, first.energy)
  })

layer(appLayer)("PlexiChat calls in Chromium", (it) => {
  it.live(
    "carry audio both ways between two pages that know each other by Parley's signals alone",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const [ada, bob] = [yield* app.newUser(), yield* app.newUser()]
        const browser = yield* launch
        const [caller, callee] = [yield* openPage(browser), yield* openPage(browser)]
        const account = ({ id, token }: TestUser) => JSON.stringify({ api: app.url, user: id, token })
        yield* run(callee.page, `awaitCall(${account(bob)})`)
        const call = yield* run<string>(caller.page, `startCall(${account(ada)}, "${bob.id}")`)
        expect(yield* run<string>(callee.page, "state.answered")).toBe(call)
        yield* Effect.all([awaitAudio(caller.page), awaitAudio(callee.page)], { concurrency: 2 })
        const path = `/v1/calls/${call}`
        expect((yield* app.request("GET", path, { token: ada.token })).at("data.status")).toBe("active")

        yield* run(callee.page, "leaveCall()")
        yield* Effect.promise(() => caller.page.waitForFunction('state.frames.includes("voice.left")'))
        yield* run(caller.page, "leaveCall()")
        for (const { page } of [caller, callee])
          yield* Effect.promise(() => page.waitForFunction('state.frames.includes("closed 1000")'))
        expect((yield* app.request("GET", path, { token: ada.token })).at("data.status")).toBe("ended")
        expect([...caller.errors, ...callee.errors]).toEqual([])
      }),
    browserTest,
  )
})
