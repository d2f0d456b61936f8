import { expect } from "bun:test"
import { Effect, Either, FastCheck, Schema } from "effect"
import { Email, EmailInput } from "../../../src/domain/identity/Users/Model"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { it, layer } from "../../support/it"

const invalid = "must be a valid email address"
const deceptive = "must not mix scripts or imitate the letters of another one"

/** Inputs, and the address that each is, or why it is none. */
const table: ReadonlyArray<readonly [input: string, expected: string]> = [
  [" Ada@Example.COM ", "ada@example.com"],
  ["ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ada@example.com"],
  ["ﬁnn@example.com", "finn@example.com"],
  ["e\u0301va@example.com", "\u00e9va@example.com"],
  ["jürgen+news@example.com", "jürgen+news@example.com"],
  ["ada@bücher.example", "ada@xn--bcher-kva.example"],
  ["ada@BU\u0308CHER.example", "ada@xn--bcher-kva.example"],
  ["ada@XN--BCHER-KVA.example", "ada@xn--bcher-kva.example"],
  ["ada@例え。テスト", "ada@xn--r8jz45g.xn--zckzah"],
  ["ada@ex\u00adample.com", "ada@example.com"],
  ["ada@1.2.3.4", "ada@1.2.3.4"],
  ["o'brien_9-=%&/#?@example.com", "o'brien_9-=%&/#?@example.com"],
  ["иван.петров-7@example.com", "иван.петров-7@example.com"],
  ["νικος@example.com", "νικος@example.com"],
  ["李小龙bruce@example.com", "李小龙bruce@example.com"],
  ["ひらカタ漢字@example.com", "ひらカタ漢字@example.com"],
  ["नमस्ते@example.com", "नमस्ते@example.com"],
  ["🙂@example.com", "🙂@example.com"],
  ["\u0430da@example.com", deceptive], // a Cyrillic а
  ["\u0430\u0435\u043e@example.com", deceptive], // only Cyrillic letters that look Latin
  ["adα@example.com", deceptive],
  ["ɑda@example.com", deceptive],
  ["i\u0307an@example.com", deceptive], // a second dot over the i
  ["İan@example.com", deceptive],
  ["иванあ@example.com", deceptive],
  ["ad\u200ba@example.com", invalid],
  ["ada@a\u200db.example", invalid],
  ["ada@xn--zzzzzz.example", invalid],
  ["ada@-a.example", invalid],
  ["ada@localhost", invalid],
  ["ada@example.com/y", invalid],
  ["ada@例え.com:80", invalid],
  ["a b@example.com", invalid],
  ["ada", invalid],
  ["@example.com", invalid],
]

it.effect("normalizes email addresses and rejects those that look like others", () =>
  Effect.sync(() => {
    const decode = Schema.decodeUnknownEither(Email)
    const outcomes = table.map(([input]) => [
      input,
      Either.match(decode(input), {
        onLeft: ({ message }) => [deceptive, invalid].find((reason) => message.includes(reason)) ?? message,
        onRight: (email) => email,
      }),
    ])
    expect(outcomes).toEqual(table.map(([input, expected]) => [input, expected]))
  }),
)

it.prop(
  "normalizes an address that is normalized to itself",
  [FastCheck.string({ unit: "binary" })],
  (text) =>
    Effect.sync(() => {
      const normalize = Schema.decodeUnknownEither(EmailInput)
      const once = normalize(`${text}@bücher.example`)
      expect(Either.flatMap(once, normalize)).toEqual(once)
    }),
)

layer(Server.layer())("An email address in several spellings", (it) => {
  it.live("has one account, for registration, sign-in and invites through all contracts", () =>
    Effect.gen(function* () {
      const { request, newUser } = yield* App
      const password = "SecurePass123!"
      const register = (email: string) =>
        request("POST", "/api/auth/register", { body: { email, password, display_name: "Ada" } })
      const created = yield* register("Ada@BÜCHER.example")
      expect([created.status, created.at("user.email")]).toEqual([201, "ada@xn--bcher-kva.example"])
      const again = yield* Effect.all([
        register("ada@xn--bcher-kva.example"),
        request("POST", "/api/auth/signup", {
          body: { email: "ａda@bücher.example", password, fullName: "Ada" },
        }),
        request("POST", "/v1/auth/register", {
          body: { email: "ada@bu\u0308cher.example", password, username: "ada.two" },
        }),
      ])
      expect(again.map(({ status }) => status)).toEqual([409, 409, 409])
      const imitation = yield* register("\u0430da@bücher.example")
      expect([imitation.status, imitation.json]).toMatchObject([
        400,
        { fields: [{ field: "email", message: deceptive }] },
      ])

      const { token } = yield* request("POST", "/v1/auth/login", {
        body: { email: "ADA@bücher.example", password },
      }).pipe(Effect.map((response) => ({ token: response.at("data.access_token") })))
      const owner = yield* newUser()
      const organization = yield* request("POST", "/api/organizations", {
        token: owner.token,
        body: { name: "Lab" },
      })
      yield* request("POST", `/api/organizations/${organization.at("organization.id")}/invites`, {
        token: owner.token,
        body: { email: "ada＠bücher。example", role: "member" },
      })
      const invites = yield* request("GET", "/api/organizations/invites", { token })
      expect(invites.json).toMatchObject({ total: 1 })
    }),
  )
})
