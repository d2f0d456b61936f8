import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { expectErrorBody } from "./operations"

const enabled = { RATE_LIMITS: "on" }

const login = Effect.fn(function* (headers: Record<string, string> = {}, path = "/api/auth/login") {
  return yield* (yield* App).request("POST", path, { body: { email: "nobody@example.com" }, headers })
})

const statuses = (responses: ReadonlyArray<{ readonly status: number }>) =>
  responses.map(({ status }) => status)
const remaining = (responses: ReadonlyArray<{ readonly headers: Headers }>) =>
  responses.map(({ headers }) => headers.get("x-ratelimit-remaining"))

layer(Server.layer(enabled))("Rate limits", (it) => {
  it.live("allows five logins per minute from an address, and reports the remaining ones", () =>
    Effect.gen(function* () {
      const responses = yield* Effect.all(Array.from({ length: 6 }, () => login()))
      expect(statuses(responses)).toEqual([400, 400, 400, 400, 400, 429])
      expect(remaining(responses)).toEqual(["4", "3", "2", "1", "0", "0"])
      const rejected = responses[5]
      if (rejected === undefined) throw new Error("There is no sixth response")
      expectErrorBody({ name: "Account" }, rejected)
      expect(rejected.json).toMatchObject({ code: "RATE_LIMITED" })
      expect(rejected.headers.get("x-ratelimit-limit")).toBe("5")
      const wait = Number(rejected.headers.get("retry-after"))
      expect(wait).toBeGreaterThanOrEqual(1)
      expect(wait).toBeLessThanOrEqual(12)
      const reset = Number(rejected.headers.get("x-ratelimit-reset")) - Date.now() / 1000
      expect(reset).toBeGreaterThan(0)
      expect(reset).toBeLessThanOrEqual(61)

      const otherPath = yield* login({}, "/api/auth/signin")
      expect(otherPath.status).toBe(429)
      expectErrorBody({ name: "ChatGuide" }, otherPath)
      const forwarded = yield* login({ "x-forwarded-for": "192.0.2.1" })
      expect(forwarded.status).toBe(429)
    }),
  )

  it.live("counts requests by user, and anonymous requests by address", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [one, two] = yield* Effect.all([app.newUser(), app.newUser()])
      const list = (options: { token?: string }) => app.request("GET", "/api/chats", options)
      const responses = yield* Effect.all([list(one), list(one), list(two), list({}), list({})])
      expect(remaining(responses)).toEqual(["99", "98", "99", "99", "98"])
      const me = yield* app.request("GET", "/api/auth/me", { token: one.token })
      expect([me.headers.get("x-ratelimit-limit"), me.headers.get("x-ratelimit-remaining")]).toEqual([
        "60",
        "59",
      ])
      const stream = yield* app.sendPrompt(one, yield* app.newChat(one), "hi")
      expect([stream.headers.get("x-ratelimit-limit"), stream.headers.get("x-ratelimit-remaining")]).toEqual([
        "60",
        "59",
      ])
      const unmatched = yield* Effect.all([
        app.request("GET", "/nothing"),
        app.request("DELETE", "/api/chats"),
        app.request("POST", "/docs"),
      ])
      expect(statuses(unmatched)).toEqual([404, 405, 405])
      expect(remaining(unmatched)).toEqual(["97", "96", "95"])
      const health = yield* app.request("GET", "/api/health")
      expect(health.headers.get("x-ratelimit-limit")).toBeNull()
    }),
  )
})

layer(Server.layer({ ...enabled, TRUSTED_PROXIES: "1", RATE_LIMIT_AUTH_PER_MIN: "2" }))(
  "Rate limits by client IP behind a proxy",
  (it) => {
    it.live("counts by the address that the proxy reports, not by one that its client sends", () =>
      Effect.gen(function* () {
        const from = (hops: string) => login({ "x-forwarded-for": hops })
        const responses = yield* Effect.all([
          from("192.0.2.1"),
          from("10.0.0.1, 192.0.2.1"),
          from("10.0.0.2, 192.0.2.1"),
          from("192.0.2.2"),
          from("192.0.2.1, 192.0.2.2"),
          from("192.0.2.2"),
        ])
        expect(statuses(responses)).toEqual([400, 400, 429, 400, 400, 429])
      }),
    )

    it.live("counts all addresses of an IPv6 /64 network as one", () =>
      Effect.gen(function* () {
        const from = (address: string) => login({ "x-forwarded-for": address })
        const responses = yield* Effect.all([
          from("2001:db8::1"),
          from("2001:db8:0:0:ffff::2"),
          from("2001:db8::3"),
          from("2001:db8:0:1::1"),
        ])
        expect(statuses(responses)).toEqual([400, 400, 429, 400])
      }),
    )

    it.live("limits the /48 of an IPv6 address to four times as much", () =>
      Effect.gen(function* () {
        const addresses = Array.from({ length: 9 }, (_, index) => `2001:db8:9:${index}::1`)
        const responses = yield* Effect.forEach(addresses, (address) => login({ "x-forwarded-for": address }))
        expect(statuses(responses)).toEqual([...Array(8).fill(400), 429])
        expect((yield* login({ "x-forwarded-for": "2001:db8:a::1" })).status).toBe(400)
      }),
    )

    it.live("counts all notations of an address, with and without a port, as one", () =>
      Effect.gen(function* () {
        const from = (address: string) => login({ "x-forwarded-for": address })
        const responses = yield* Effect.all([
          from("192.0.2.7:1001"),
          from("192.0.2.7:1002"),
          from("192.0.2.7"),
          from("::ffff:c000:208"),
          from("::FFFF:192.0.2.8"),
          from("192.0.2.8"),
          from("::ffff:c000:209"),
          from("[2001:db8:7::1]:1001"),
          from("[2001:DB8:7::2]"),
          from("2001:db8:7:0::3"),
        ])
        expect(statuses(responses)).toEqual([400, 400, 429, 400, 400, 429, 400, 400, 400, 429])
      }),
    )
  },
)

const signIns = { ...enabled, TRUSTED_PROXIES: "1", RATE_LIMIT_SIGN_IN_PER_HOUR: "1" }

layer(Server.layer(signIns))("The limit of sign-ins per account", (it) => {
  it.live("holds over all contracts and addresses, and is answered in the contract's format", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { email, password } = yield* app.newUser()
      let network = 0
      const attempt = (path: string) =>
        app.request("POST", path, {
          body: { email, password },
          headers: { "x-forwarded-for": `198.51.${network++}.1` },
        })
      yield* attempt("/api/auth/login").pipe(Effect.map(({ status }) => expect(status).toBe(200)))
      for (const [path, name] of [
        ["/api/auth/login", "Account"],
        ["/api/auth/signin", "ChatGuide"],
        ["/v1/auth/login", "PlexiChat"],
      ] as const) {
        const refused = yield* attempt(path)
        expect([refused.status, refused.text]).toEqual([429, expect.stringContaining("TOO_MANY_SIGN_INS")])
        expectErrorBody({ name }, refused)
        expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0)
      }
      const { status } = yield* app.request("POST", "/api/auth/login", {
        body: { email, password },
        headers: { "x-forwarded-for": "198.51.0.99" },
      })
      expect(status).toBe(200)
    }),
  )
})

const lowLimits = {
  ...enabled,
  RATE_LIMIT_OTHER_PER_MIN: "2",
  RATE_LIMIT_GENERAL_PER_MIN: "3",
  RATE_LIMIT_LLM_PER_USER_PER_MIN: "2",
  RATE_LIMIT_LLM_GLOBAL_PER_MIN: "3",
}

layer(Server.layer(lowLimits))("Configured rate limits", (it) => {
  it.live("applies the most restrictive of several configured limits", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [one, two] = yield* Effect.all([app.newUser(), app.newUser()])
      const [first, second] = yield* Effect.all([app.newChat(one), app.newChat(two)])
      const responses = yield* Effect.all([
        app.sendPrompt(one, first, "a"),
        app.sendPrompt(one, first, "b"),
        app.sendPrompt(one, first, "c"),
        app.sendPrompt(two, second, "d"),
        app.sendPrompt(two, second, "e"),
      ])
      expect(statuses(responses)).toEqual([200, 200, 429, 200, 429])
      expect(responses.map(({ headers }) => headers.get("x-ratelimit-limit"))).toEqual([
        "2",
        "2",
        "2",
        "3",
        "3",
      ])
      const messages = yield* app.request("GET", `/api/chats/${first}/messages`, { token: one.token })
      expect(messages.json).toMatchObject({ data: { total: 4 } })
      const me = yield* Effect.all(
        Array.from({ length: 3 }, () => app.request("GET", "/api/auth/me", { token: one.token })),
      )
      expect(statuses(me)).toEqual([200, 200, 429])
    }),
  )
})

layer(Server.layer({ ...lowLimits, RATE_LIMIT_LLM_PER_USER_PER_MIN: "10" }))(
  "Rate limits per server",
  (it) => {
    it.live("does not count anonymous requests against limits that users share", () =>
      Effect.gen(function* () {
        const app = yield* App
        const user = yield* app.newUser()
        const chat = yield* app.newChat(user)
        const anonymous = yield* Effect.all(
          Array.from({ length: 4 }, () => app.request("GET", app.streamPath(chat, "hi"))),
        )
        expect(statuses(anonymous)).toEqual([401, 401, 401, 401])
        const response = yield* app.sendPrompt(user, chat, "hi")
        expect([response.status, ...remaining([response])]).toEqual([200, "2"])
      }),
    )
  },
)

layer(Server.layer({ RATE_LIMITS: "off" }))("RATE_LIMITS=off", (it) => {
  it.live("rejects no requests and sends no rate limit headers", () =>
    Effect.gen(function* () {
      const responses = yield* Effect.all(Array.from({ length: 12 }, () => login()))
      expect(statuses(responses)).toEqual(responses.map(() => 400))
      expect(remaining(responses)).toEqual(responses.map(() => null))
    }),
  )
})
