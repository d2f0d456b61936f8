import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../support/App"
import { App } from "../support/App"
import { layer } from "../support/it"

/** Addresses of scripts and documents that a page names. */
const named = (html: string) =>
  [...html.matchAll(/(?:src|href|data-url)="([^"]*)"/g)].map(([, address]) => address ?? "")

layer(Server.layer())("The reference page", (it) => {
  it.live("names nothing outside, and everything that it names is there", () =>
    Effect.gen(function* () {
      const app = yield* App
      const page = yield* app.request("GET", "/docs")
      expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html"])
      const addresses = named(page.text).filter((address) => !address.startsWith("data:"))
      expect(addresses).toContain("openapi.json")
      for (const address of addresses) {
        const url = new URL(address, `${app.url}/docs`)
        expect(url.origin).toBe(app.url)
        expect((yield* app.request("GET", url.pathname + url.search)).status).toBe(200)
      }
    }),
  )

  it.live("lets scripts run from this server only, and none within the page", () =>
    Effect.gen(function* () {
      const { headers, text } = yield* (yield* App).request("GET", "/docs")
      const policy = headers.get("content-security-policy") ?? ""
      expect(policy).toContain("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';")
      expect(policy).not.toMatch(/https?:|'unsafe-eval'|\*/)
      expect(text).not.toMatch(/<script[^>]*>[^<]/)
    }),
  )

  it.live("asks for its script under a hash of what is in it", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [address = ""] = named((yield* app.request("GET", "/docs")).text).filter((one) =>
        one.includes("scalar"),
      )
      const { text } = yield* app.request("GET", `/${address}`)
      const hash = new Bun.CryptoHasher("sha256").update(text).digest("hex")
      expect(address).toBe(`docs/scalar.js?v=${hash.slice(0, 16)}`)
    }),
  )

  it.live("has its script packed for who can unpack it", () =>
    Effect.gen(function* () {
      const app = yield* App
      const packed = yield* app.requestStream("GET", "/docs/scalar.js", {
        headers: { "accept-encoding": "gzip" },
      })
      expect(packed.headers.get("cache-control")).toContain("immutable")
      const plain = yield* app.request("GET", "/docs/scalar.js", {
        headers: { "accept-encoding": "identity" },
      })
      expect(plain.headers.get("content-encoding")).toBeNull()
      expect(plain.headers.get("content-type")).toStartWith("text/javascript")
      expect(yield* Effect.promise(() => packed.text())).toBe(plain.text)
    }),
  )

  it.live("is where a browser that asks for nothing in particular is sent; programs get links", () =>
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
      for (const address of [documentation, ...openapi, health]) {
        expect([address, (yield* app.request("GET", address)).status]).toEqual([address, 200])
      }
      expect((yield* app.request("POST", "/docs")).status).toBe(405)
    }),
  )
})
