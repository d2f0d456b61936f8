import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../support/App"
import { App } from "../support/App"
import { layer } from "../support/it"

/** Returns the URLs of scripts and documents in a page. */
const urlsIn = (html: string) =>
  [...html.matchAll(/(?:src|href|data-url)="([^"]*)"/g)].map(([, url]) => url ?? "")

layer(Server.layer())("Reference page", (it) => {
  it.live("links only to existing resources of this server", () =>
    Effect.gen(function* () {
      const app = yield* App
      const page = yield* app.request("GET", "/docs")
      expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html"])
      const urls = urlsIn(page.text).filter((url) => !url.startsWith("data:"))
      expect(urls).toContain("openapi.json")
      for (const relativeUrl of urls) {
        const url = new URL(relativeUrl, `${app.url}/docs`)
        expect(url.origin).toBe(app.url)
        expect((yield* app.request("GET", url.pathname + url.search)).status).toBe(200)
      }
    }),
  )

  it.live("allows scripts of this server only, and none inline", () =>
    Effect.gen(function* () {
      const { headers, text } = yield* (yield* App).request("GET", "/docs")
      const policy = headers.get("content-security-policy") ?? ""
      expect(policy).toContain("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';")
      expect(policy).not.toMatch(/https?:|'unsafe-eval'|\*/)
      expect(text).not.toMatch(/<script[^>]*>[^<]/)
    }),
  )

  it.live("loads its script under a URL with a hash of the content", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [url = ""] = urlsIn((yield* app.request("GET", "/docs")).text).filter((one) =>
        one.includes("scalar"),
      )
      const { text } = yield* app.request("GET", `/${url}`)
      const hash = new Bun.CryptoHasher("sha256").update(text).digest("hex")
      expect(url).toBe(`docs/scalar.js?v=${hash.slice(0, 16)}`)
    }),
  )

  it.live("serves its script compressed to clients that accept gzip", () =>
    Effect.gen(function* () {
      const app = yield* App
      const compressed = yield* app.requestStream("GET", "/docs/scalar.js", {
        headers: { "accept-encoding": "gzip" },
      })
      expect(compressed.headers.get("cache-control")).toContain("immutable")
      const plain = yield* app.request("GET", "/docs/scalar.js", {
        headers: { "accept-encoding": "identity" },
      })
      expect(plain.headers.get("content-encoding")).toBeNull()
      expect(plain.headers.get("content-type")).toStartWith("text/javascript")
      expect(yield* Effect.promise(() => compressed.text())).toBe(plain.text)
    }),
  )

  it.live("is where / redirects browsers; other clients get links", () =>
    Effect.gen(function* () {
      const app = yield* App
      const browser = yield* app.request("GET", "/", { headers: { accept: "text/html,*/*" } })
      expect([browser.status, browser.headers.get("location")]).toEqual([302, "docs"])
      const { json } = yield* app.request("GET", "/")
      const { documentation, openapi, health } = json as {
        documentation: string
        openapi: Array<string>
        health: string
      }
      for (const url of [documentation, ...openapi, health]) {
        expect([url, (yield* app.request("GET", url)).status]).toEqual([url, 200])
      }
      expect((yield* app.request("POST", "/docs")).status).toBe(405)
    }),
  )
})
