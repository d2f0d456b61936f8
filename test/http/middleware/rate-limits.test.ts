import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { expectRefusal } from "./operations"

const on = { RATE_LIMITS: "on" }

const login = Effect.fn(function* (headers: Record<string, string> = {}, path = "/api/auth/login") {
  return yield* (yield* App).request("POST", path, { body: { email: "nobody@example.com" }, headers })
})

const statuses = (answers: ReadonlyArray<{ readonly status: number }>) => answers.map(({ status }) => status)
const left = (answers: ReadonlyArray<{ readonly headers: Headers }>) =>
  answers.map(({ headers }) => headers.get("x-ratelimit-remaining"))

layer(Server.layer(on))("Rate limits", (it) => {
  it.live("let five logins a minute through from an address, and say what is left", () =>
    Effect.gen(function* () {
      const answers = yield* Effect.all(Array.from({ length: 6 }, () => login()))
      expect(statuses(answers)).toEqual([400, 400, 400, 400, 400, 429])
      expect(left(answers)).toEqual(["4", "3", "2", "1", "0", "0"])
      const refused = answers[5]
      if (refused === undefined) throw new Error("There is no sixth answer")
      expectRefusal({ name: "Account" }, refused)
      expect(refused.json).toMatchObject({ code: "RATE_LIMITED" })
      expect(refused.headers.get("x-ratelimit-limit")).toBe("5")
      const wait = Number(refused.headers.get("retry-after"))
      expect(wait).toBeGreaterThanOrEqual(1)
      expect(wait).toBeLessThanOrEqual(12)
      const reset = Number(refused.headers.get("x-ratelimit-reset")) - Date.now() / 1000
      expect(reset).toBeGreaterThan(0)
      expect(reset).toBeLessThanOrEqual(61)

      const elsewhere = yield* login({}, "/api/auth/signin")
      expect(elsewhere.status).toBe(429)
      expectRefusal({ name: "ChatGuide" }, elsewhere)
      const forwarded = yield* login({ "x-forwarded-for": "192.0.2.1" })
      expect(forwarded.status).toBe(429)
    }),
  )

  it.live("count each user's requests for themselves, and those of nobody by address", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [one, two] = yield* Effect.all([app.newUser(), app.newUser()])
      const list = (asked: { token?: string }) => app.request("GET", "/api/chats", asked)
      const answers = yield* Effect.all([list(one), list(one), list(two), list({}), list({})])
      expect(left(answers)).toEqual(["99", "98", "99", "99", "98"])
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
      const misses = yield* Effect.all([
        app.request("GET", "/nothing"),
        app.request("DELETE", "/api/chats"),
        app.request("POST", "/docs"),
      ])
      expect(statuses(misses)).toEqual([404, 405, 405])
      expect(left(misses)).toEqual(["97", "96", "95"])
      const health = yield* app.request("GET", "/api/health")
      expect(health.headers.get("x-ratelimit-limit")).toBeNull()
    }),
  )
})

layer(Server.layer({ ...on, TRUSTED_PROXIES: "1", RATE_LIMIT_AUTH_PER_MIN: "2" }))(
  "Rate limits behind a proxy",
  (it) => {
    it.live("count by the address that the proxy saw, whatever its client claims", () =>
      Effect.gen(function* () {
        const from = (hops: string) => login({ "x-forwarded-for": hops })
        const answers = yield* Effect.all([
          from("192.0.2.1"),
          from("10.0.0.1, 192.0.2.1"),
          from("10.0.0.2, 192.0.2.1"),
          from("192.0.2.2"),
          from("192.0.2.1, 192.0.2.2"),
          from("192.0.2.2"),
        ])
        expect(statuses(answers)).toEqual([400, 400, 429, 400, 400, 429])
      }),
    )

    it.live("count the machines of an IPv6 network together", () =>
      Effect.gen(function* () {
        const from = (address: string) => login({ "x-forwarded-for": address })
        const answers = yield* Effect.all([
          from("2001:db8::1"),
          from("2001:db8:0:0:ffff::2"),
          from("2001:db8::3"),
          from("2001:db8:0:1::1"),
        ])
        expect(statuses(answers)).toEqual([400, 400, 429, 400])
      }),
    )

    it.live("count an address as one, with whatever port and however it is written", () =>
      Effect.gen(function* () {
        const from = (address: string) => login({ "x-forwarded-for": address })
        const answers = yield* Effect.all([
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
        expect(statuses(answers)).toEqual([400, 400, 429, 400, 400, 429, 400, 400, 400, 429])
      }),
    )
  },
)

const small = {
  ...on,
  RATE_LIMIT_OTHER_PER_MIN: "2",
  RATE_LIMIT_GENERAL_PER_MIN: "3",
  RATE_LIMIT_LLM_PER_USER_PER_MIN: "2",
  RATE_LIMIT_LLM_GLOBAL_PER_MIN: "3",
}

layer(Server.layer(small))("Rate limits by settings", (it) => {
  it.live("are what the settings say, and the tightest of several counts", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [one, two] = yield* Effect.all([app.newUser(), app.newUser()])
      const [first, second] = yield* Effect.all([app.newChat(one), app.newChat(two)])
      const said = yield* Effect.all([
        app.sendPrompt(one, first, "a"),
        app.sendPrompt(one, first, "b"),
        app.sendPrompt(one, first, "c"),
        app.sendPrompt(two, second, "d"),
        app.sendPrompt(two, second, "e"),
      ])
      expect(statuses(said)).toEqual([200, 200, 429, 200, 429])
      expect(said.map(({ headers }) => headers.get("x-ratelimit-limit"))).toEqual(["2", "2", "2", "3", "3"])
      const messages = yield* app.request("GET", `/api/chats/${first}/messages`, { token: one.token })
      expect(messages.json).toMatchObject({ data: { total: 4 } })
      const me = yield* Effect.all(
        Array.from({ length: 3 }, () => app.request("GET", "/api/auth/me", { token: one.token })),
      )
      expect(statuses(me)).toEqual([200, 200, 429])
    }),
  )
})

layer(Server.layer({ ...small, RATE_LIMIT_LLM_PER_USER_PER_MIN: "10" }))("A limit for all", (it) => {
  it.live("is not used up by those who are not signed in", () =>
    Effect.gen(function* () {
      const app = yield* App
      const person = yield* app.newUser()
      const chat = yield* app.newChat(person)
      const nobody = yield* Effect.all(
        Array.from({ length: 4 }, () => app.request("GET", app.streamPath(chat, "hi"))),
      )
      expect(statuses(nobody)).toEqual([401, 401, 401, 401])
      const said = yield* app.sendPrompt(person, chat, "hi")
      expect([said.status, ...left([said])]).toEqual([200, "2"])
    }),
  )
})

layer(Server.layer({ RATE_LIMITS: "off" }))("Without rate limits", (it) => {
  it.live("nobody is refused or told of any", () =>
    Effect.gen(function* () {
      const answers = yield* Effect.all(Array.from({ length: 12 }, () => login()))
      expect(statuses(answers)).toEqual(answers.map(() => 400))
      expect(left(answers)).toEqual(answers.map(() => null))
    }),
  )
})
