import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import * as Corpus from "./malformedInput"
import { expectRefusal, operations, pathOf, sample } from "./operations"
import { rawAsk } from "./rawRequest"

/** How much is written down of everything that a refused request could have left behind. */
const written = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) =>
    sql`select (select count(*)::int from users) as users, (select count(*)::int from conversations) as conversations,
      (select count(*)::int from messages) as messages, (select count(*)::int from generations) as generations,
      (select count(*)::int from sessions where ended_at is null) as sessions,
      (select string_agg(name || password_hash, ',' order by id) from users) as people`,
)

/** The operations that take a body, each with a path and a token that would do. */
const writing = Effect.gen(function* () {
  const app = yield* App
  const person = yield* app.newUser()
  const admin = yield* app.newAdmin()
  const all = (yield* operations).filter(({ operation }) => operation.takesBody)
  expect(all.length).toBeGreaterThan(6)
  return yield* Effect.forEach(all, ({ contract, operation }) =>
    Effect.map(pathOf(operation, person), (path) => {
      const { token } = sample(operation).may === "admin" ? admin : person
      return { contract, operation, path, token }
    }),
  )
})

const kindOf = (value: unknown) => {
  if (Array.isArray(value)) return "array"
  return value === null ? "null" : typeof value
}

/** Whether a value could be as good as this one: of those that are no text, it cannot be told. */
const mayDo = (value: unknown, good: unknown) =>
  kindOf(good) === "null" ? true : kindOf(good) !== "string" && kindOf(value) === kindOf(good)

/** What is wrong, and neither how a type is written nor what a field is for. */
const plainWords = /^(?!.*(?:Brand|Readonly|readonly|Struct|must be [A-Z])).*$/s

const chatGuide = { name: "ChatGuide" }
const others = { name: "Account" }
const ownerOf = (prefix: string) => (prefix === "/api/chats" ? chatGuide : others)

layer(Server.layer())("Bad input", (it) => {
  it.live(
    "that is no JSON object is refused in the contract's shape, and leaves nothing behind",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const targets = yield* writing
        const before = yield* written
        for (const { contract, operation, path, token } of targets) {
          for (const [what, raw, status] of Corpus.brokenBodies) {
            const headers = { "content-type": "application/json" }
            if (status === 413 && operation.bodyLimit !== undefined) continue
            const answer = yield* app.request(operation.method, path, { token, raw, headers })
            expect([operation.name, what, answer.status]).toEqual([operation.name, what, status])
            expectRefusal(contract, answer)
          }
        }
        expect(yield* written).toEqual(before)
      }),
    { timeout: 30_000 },
  )

  it.live(
    "in any field is refused by that field's name, without repeating it",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const targets = yield* writing
        const before = yield* written
        for (const { contract, operation, path, token } of targets) {
          const { body, nullable } = sample(operation)
          for (const [field, good] of Object.entries(body ?? {})) {
            for (const value of Corpus.badValues) {
              if (mayDo(JSON.parse(value), good) || (value === "null" && nullable.includes(field))) continue
              const raw = JSON.stringify({ ...body, [field]: "<bad>" }).replace('"<bad>"', () => value)
              const answer = yield* app.request(operation.method, path, {
                token,
                raw,
                headers: { "content-type": "application/json" },
              })
              expect([operation.name, field, value.slice(0, 40), answer.status >= 400]).toEqual([
                operation.name,
                field,
                value.slice(0, 40),
                true,
              ])
              expectRefusal(contract, answer)
              expect(answer.text).not.toContain("ech0")
              expect(answer.text.length).toBeLessThan(1_000)
              if (answer.status === 400) {
                expect(answer.json).toMatchObject({ details: [{ field }] })
                expect(answer.at("error")).toMatch(plainWords)
              }
            }
          }
        }
        expect(yield* written).toEqual(before)
      }),
    { timeout: 30_000 },
  )

  it.live("under a wrong content type is 415, and under every kind of JSON is read", () =>
    Effect.gen(function* () {
      const app = yield* App
      for (const { contract, operation, path, token } of yield* writing) {
        const fields = Object.keys(sample(operation).body ?? {})
        const raw = JSON.stringify(Object.fromEntries(fields.map((field) => [field, {}])))
        for (const type of Corpus.badContentTypes) {
          const answer = yield* app.request(operation.method, path, {
            token,
            raw,
            headers: { "content-type": type },
          })
          expect([operation.name, type, answer.status]).toEqual([operation.name, type, 415])
          expectRefusal(contract, answer)
        }
        for (const type of Corpus.goodContentTypes) {
          const answer = yield* app.request(operation.method, path, {
            token,
            raw,
            headers: { "content-type": type },
          })
          expect([operation.name, type, answer.status, answer.at("code")]).toEqual([
            operation.name,
            type,
            400,
            "VALIDATION_ERROR",
          ])
        }
      }
    }),
  )

  it.live("of a body that goes on and on is refused when it has gone too far, announced or not", () =>
    Effect.gen(function* () {
      const { url } = yield* App
      const head = "POST /api/auth/signup HTTP/1.1\r\nContent-Type: application/json\r\n"
      const announced = yield* rawAsk(url, `${head}Content-Length: 1048577`, " ".repeat(1_048_577))
      expect(announced?.status).toBe(413)
      const piece = " ".repeat(1024)
      const chunked = `${`400\r\n${piece}\r\n`.repeat(1_025)}0\r\n\r\n`
      const streamed = yield* rawAsk(url, `${head}Transfer-Encoding: chunked`, chunked)
      expect(streamed?.status).toBe(413)
      for (const answer of [announced, streamed]) if (answer !== undefined) expectRefusal(chatGuide, answer)
      const exact = yield* rawAsk(url, `${head}Content-Length: 1048576`, `{}${" ".repeat(1_048_574)}`)
      expect(exact?.status).toBe(400)
    }),
  )

  it.live("in the address finds nothing, in the shape of whose address it is", () =>
    Effect.gen(function* () {
      const { url } = yield* App
      for (const prefix of Corpus.prefixes) {
        for (const tail of Corpus.oddTails) {
          const target = Buffer.from(`${prefix}${tail}`, "utf8").toString("latin1")
          const answer = yield* rawAsk(url, `GET ${target} HTTP/1.1`)
          if (answer === undefined) throw new Error(`${target} was not answered`)
          expect([target.slice(0, 80), answer.status]).toEqual([target.slice(0, 80), 404])
          expectRefusal(tail.includes("../..") ? others : ownerOf(prefix), answer)
        }
      }
    }),
  )

  it.live("by a wrong method is 405 with the right ones, or 404 where nothing is", () =>
    Effect.gen(function* () {
      const { url } = yield* App
      const person = yield* (yield* App).newUser()
      const before = yield* written
      const byPath = Map.groupBy(yield* operations, ({ operation }) => operation.path)
      for (const [path, found] of byPath) {
        const right = new Set(found.map(({ operation }) => operation.method))
        for (const method of Corpus.methods.filter((each) => !right.has(each))) {
          const answer = yield* rawAsk(
            url,
            `${method} ${path} HTTP/1.1\r\nAuthorization: Bearer ${person.token}`,
          )
          if (answer === undefined) throw new Error(`${method} ${path} was not answered`)
          if (method === "OPTIONS") {
            expect([path, answer.status, answer.text]).toEqual([path, 204, ""])
          } else if (method === "HEAD" && answer.status !== 405) {
            expect(right).toContain("GET")
            expect([path, answer.text]).toEqual([path, ""])
            continue
          } else {
            expect([path, method, answer.status]).toEqual([path, method, 405])
            if (method !== "HEAD") expectRefusal(found[0]?.contract ?? others, answer)
          }
          const allowed = answer.headers.get("allow")?.split(", ") ?? []
          expect(allowed).toEqual(expect.arrayContaining([...right, "OPTIONS"]))
          expect(allowed).not.toContain(method === "OPTIONS" ? "" : method)
        }
      }
      for (const prefix of Corpus.prefixes) {
        for (const method of Corpus.methods) {
          const answer = yield* rawAsk(url, `${method} ${prefix}/nothing/at/all HTTP/1.1`)
          expect([prefix, method, answer?.status]).toEqual([prefix, method, 404])
        }
      }
      expect(yield* written).toEqual(before)
    }),
  )

  it.live("in a header is no reason to break", () =>
    Effect.gen(function* () {
      const { url } = yield* App
      for (const header of Corpus.oddHeaders) {
        for (const path of ["/api/chats", "/api/auth/me", "/api/generations/x/events"]) {
          const answer = yield* rawAsk(url, `GET ${path} HTTP/1.1\r\n${header}`)
          expect([header.slice(0, 60), path, answer?.status]).toEqual([header.slice(0, 60), path, 401])
          if (answer !== undefined) expectRefusal(ownerOf(path), answer)
        }
        const health = yield* rawAsk(url, `GET /api/health HTTP/1.1\r\n${header}`)
        expect([header.slice(0, 60), health?.status]).toEqual([header.slice(0, 60), 200])
      }
    }),
  )
})
