import { expect } from "bun:test"
import { Context, Effect, Layer } from "effect"
import type { Page } from "playwright-core"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { browserTest, launchBrowser } from "../../support/Browser"
import { layer } from "../../support/it"
import { expectResults } from "./nextAuthFixtures"
import type { Results } from "./programs/nextAuthScenario"

/** The front end's page and script, as its build makes them. */
const buildFrontEnd = async () => {
  const { outputs } = await Bun.build({
    entrypoints: [new URL("programs/nextAuthPage.ts", import.meta.url).pathname],
    target: "browser",
    define: {
      "process.env.NODE_ENV": '"production"',
      "process.env.NEXTAUTH_URL": "undefined",
      "process.env.NEXTAUTH_URL_INTERNAL": "undefined",
      "process.env.VERCEL_URL": "undefined",
    },
  })
  return (await outputs[0]?.text()) ?? ""
}

/** A front end on an origin of its own, which passes requests below /api on, as Next.js does. */
class FrontEnd extends Context.Tag("test/FrontEnd")<
  FrontEnd,
  { readonly origin: string; readonly setBackEnd: (url: string) => void }
>() {
  static readonly layer = Layer.scoped(
    this,
    Effect.gen(function* () {
      const script = yield* Effect.promise(buildFrontEnd)
      let backEnd = ""
      const html = '<!doctype html><link rel="icon" href="data:,"><body><script src="/app.js"></script>'
      const serve = (request: Request) => {
        const { pathname, search } = new URL(request.url)
        if (pathname === "/app.js")
          return new Response(script, { headers: { "content-type": "text/javascript; charset=utf-8" } })
        if (!pathname.startsWith("/api/"))
          return new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } })
        const headers = new Headers(request.headers)
        headers.delete("host")
        headers.set("accept-encoding", "identity")
        const { method, body } = request
        return fetch(backEnd + pathname + search, { method, body, headers, redirect: "manual" })
      }
      const server = yield* Effect.acquireRelease(
        Effect.sync(() => Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: serve })),
        (server) => Effect.promise(() => server.stop(true)),
      )
      return {
        origin: server.url.origin,
        setBackEnd: (url: string) => {
          backEnd = url
        },
      }
    }),
  )
}

const appLayer = Layer.unwrapEffect(
  Effect.map(FrontEnd, ({ origin }) => Server.layer({ CORS_ORIGINS: origin })),
).pipe(Layer.provideMerge(FrontEnd.layer))

/** Opens a page of the front end in a new browser. Fails if a page reports an error of its own. */
const openPage = Effect.gen(function* () {
  const [app, frontEnd] = [yield* App, yield* FrontEnd]
  frontEnd.setBackEnd(app.url)
  const browser = yield* launchBrowser()
  const page = yield* Effect.promise(() => browser.newPage())
  page.setDefaultTimeout(60_000)
  const errors: Array<string> = []
  page.on("pageerror", ({ message }) => errors.push(message))
  page.on("console", (message) => {
    const text = message.text()
    if (message.type() === "error" && !text.includes("status of 401")) errors.push(text)
  })
  yield* Effect.promise(() => page.goto(frontEnd.origin))
  return { page, errors, origin: frontEnd.origin }
})

const expectStatus = (page: Page, text: string) =>
  Effect.promise(() => page.locator("output", { hasText: new RegExp(`^${text}$`) }).waitFor())

/** Waits until the browser has moved the focus, which it does after the page has loaded. */
const expectFocus = (page: Page, selector: string) =>
  Effect.promise(() => page.locator(`${selector}:focus`).waitFor())

const call = <A>(page: Page, expression: string): Effect.Effect<A> =>
  Effect.promise(() => page.evaluate<A>(expression))

layer(appLayer)("NextAuth's client in Chromium", (it) => {
  it.live(
    "signs in and out, and shows the session by useSession",
    () =>
      Effect.gen(function* () {
        const user = yield* (yield* App).newUser()
        const { page, errors, origin } = yield* openPage
        yield* expectStatus(page, "unauthenticated")
        const account = JSON.stringify({ email: user.email, password: user.password })
        const callbackUrl = `${origin}/dashboard`
        const results = yield* call<Results>(page, `runScenario(${account}, "/dashboard")`)
        expectResults(results, user, (yield* App).url, callbackUrl)

        yield* call(page, `signIn("credentials", { ...${account}, redirect: false })`)
        yield* expectStatus(page, `authenticated ${user.email}`)
        yield* Effect.promise(() => page.reload())
        yield* expectStatus(page, `authenticated ${user.email}`)
        yield* call(page, "signOut({ redirect: false })")
        yield* expectStatus(page, "unauthenticated")

        yield* call(page, `void signIn("credentials", { ...${account}, callbackUrl: "/dashboard" })`)
        yield* Effect.promise(() => page.waitForURL(callbackUrl))
        yield* expectStatus(page, `authenticated ${user.email}`)
        expect(errors).toEqual([])
      }),
    browserTest,
  )

  it.live(
    "signs in and out by the pages of the server, with the keyboard alone",
    () =>
      Effect.gen(function* () {
        const user = yield* (yield* App).newUser()
        const { page, errors, origin } = yield* openPage
        const press = (...keys: ReadonlyArray<string>) =>
          Effect.forEach(keys, (key) => Effect.promise(() => page.keyboard.press(key)))
        const type = (text: string) => Effect.promise(() => page.keyboard.type(text))
        const signIn = (password: string) =>
          Effect.all([
            expectFocus(page, "[name=email]"),
            type(user.email),
            press("Tab"),
            type(password),
            press("Enter"),
          ])
        yield* Effect.promise(() => page.goto(`${origin}/api/auth/signin?callbackUrl=/dashboard`))
        yield* signIn("wrong")
        yield* Effect.promise(() => page.getByRole("alert").waitFor())
        expect(yield* Effect.promise(() => page.getByRole("alert").textContent())).toBe(
          "The email address or the password is wrong.",
        )
        yield* signIn(user.password)
        yield* Effect.promise(() => page.waitForURL(`${origin}/dashboard`))
        yield* expectStatus(page, `authenticated ${user.email}`)
        yield* Effect.promise(() => page.goto(`${origin}/api/auth/signout?callbackUrl=/bye`))
        yield* expectFocus(page, "button")
        yield* press("Enter")
        yield* Effect.promise(() => page.waitForURL(`${origin}/bye`))
        yield* expectStatus(page, "unauthenticated")
        expect(errors).toEqual([])
      }),
    browserTest,
  )
})
