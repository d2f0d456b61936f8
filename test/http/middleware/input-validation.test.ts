import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import * as inputs from "./malformedInput"
import { errorOf, expectErrorBody, operations, pathOf, sampleOf } from "./operations"
import { rawRequest } from "./rawRequest"

/** Counts the rows that a rejected request could have inserted. */
const databaseState = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) =>
    sql`select (select count(*)::int from users) as users, (select count(*)::int from conversations) as conversations,
      (select count(*)::int from messages) as messages, (select count(*)::int from generations) as generations,
      (select count(*)::int from sessions where revoked_at is null) as sessions,
      (select string_agg(name || password_hash, ',' order by id) from users) as people`,
)

/** The operations that accept a JSON body, each with a valid path and token. */
const operationsWithJson = Effect.gen(function* () {
  const app = yield* App
  const user = yield* app.newUser()
  const admin = yield* app.newAdmin()
  const all = (yield* operations).filter(({ operation }) => operation.bodyFormat === "json")
  expect(all.length).toBeGreaterThan(6)
  return yield* Effect.forEach(all, ({ contract, operation }) =>
    Effect.map(pathOf(operation, user), (path) => {
      const { token } = sampleOf(operation).allowedFor === "admin" ? admin : user
      return { contract, operation, path, token }
    }),
  )
})

const kindOf = (value: unknown) => {
  if (Array.isArray(value)) return "array"
  return value === null ? "null" : typeof value
}

/** Whether a value may be valid where `good` is: true for equal types other than strings. */
const mayBeValid = (value: unknown, good: unknown) =>
  kindOf(good) === "null" ? true : kindOf(good) !== "string" && kindOf(value) === kindOf(good)

/** Matches messages without type names and field descriptions. */
const plainMessage = /^(?!.*(?:Brand|Readonly|readonly|Struct|must be [A-Z])).*$/s

const chatGuide = { name: "ChatGuide" }
const account = { name: "Account" }
const contractOf = (prefix: string) => (prefix === "/api/chats" ? chatGuide : account)

layer(Server.layer())("Input validation", (it) => {
  it.live(
    "rejects a body that is not a JSON object with the contract's error body, and writes nothing",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const targets = yield* operationsWithJson
        const stateBefore = yield* databaseState
        for (const { contract, operation, path, token } of targets) {
          for (const [what, raw, status] of inputs.malformedBodies) {
            const headers = { "content-type": "application/json" }
            if (status === 413 && operation.maxBodySize !== undefined) continue
            const response = yield* app.request(operation.method, path, { token, raw, headers })
            expect([operation.name, what, response.status]).toEqual([operation.name, what, status])
            expectErrorBody(contract, response)
          }
        }
        expect(yield* databaseState).toEqual(stateBefore)
      }),
    { timeout: 120_000 },
  )

  it.live(
    "rejects an invalid value of any field by the name of the field, without repeating the value",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const targets = yield* operationsWithJson
        const before = yield* databaseState
        for (const { contract, operation, path, token } of targets) {
          const { body, nullable, long } = sampleOf(operation)
          for (const [field, good] of Object.entries(body ?? {})) {
            for (const value of inputs.invalidValues) {
              if (mayBeValid(JSON.parse(value), good) || (value === "null" && nullable.includes(field)))
                continue
              if (value.length > 300_000 && value.startsWith('"') && long.includes(field)) continue
              const raw = JSON.stringify({ ...body, [field]: "<bad>" }).replace('"<bad>"', () => value)
              const response = yield* app.request(operation.method, path, {
                token,
                raw,
                headers: { "content-type": "application/json" },
              })
              expect([operation.name, field, value.slice(0, 40), response.status >= 400]).toEqual([
                operation.name,
                field,
                value.slice(0, 40),
                true,
              ])
              expectErrorBody(contract, response)
              expect(response.text).not.toContain("ech0")
              expect(response.text.length).toBeLessThan(1_000)
              if (response.status === 400) {
                const { fields, message } = errorOf(contract, response)
                expect(fields).toEqual([field])
                expect(message).toMatch(plainMessage)
              }
            }
          }
        }
        expect(yield* databaseState).toEqual(before)
      }),
    { timeout: 120_000 },
  )

  it.live("responds with 415 to an unsupported content type, and accepts every JSON content type", () =>
    Effect.gen(function* () {
      const app = yield* App
      for (const { contract, operation, path, token } of yield* operationsWithJson) {
        const fields = Object.keys(sampleOf(operation).body ?? {})
        const raw = JSON.stringify(Object.fromEntries(fields.map((field) => [field, {}])))
        for (const type of inputs.unsupportedContentTypes) {
          const response = yield* app.request(operation.method, path, {
            token,
            raw,
            headers: { "content-type": type },
          })
          expect([operation.name, type, response.status]).toEqual([operation.name, type, 415])
          expectErrorBody(contract, response)
        }
        for (const type of inputs.jsonContentTypes) {
          const response = yield* app.request(operation.method, path, {
            token,
            raw,
            headers: { "content-type": type },
          })
          expect([operation.name, type, response.status, errorOf(contract, response).code]).toEqual([
            operation.name,
            type,
            400,
            "VALIDATION_ERROR",
          ])
        }
      }
    }),
  )

  it.live("rejects a body over the size limit, with Content-Length and chunked", () =>
    Effect.gen(function* () {
      const { url } = yield* App
      const head = "POST /api/auth/signup HTTP/1.1\r\nContent-Type: application/json\r\n"
      const announced = yield* rawRequest(url, `${head}Content-Length: 1048577`, " ".repeat(1_048_577))
      expect(announced?.status).toBe(413)
      const piece = " ".repeat(1024)
      const chunked = `${`400\r\n${piece}\r\n`.repeat(1_025)}0\r\n\r\n`
      const streamed = yield* rawRequest(url, `${head}Transfer-Encoding: chunked`, chunked)
      expect(streamed?.status).toBe(413)
      for (const response of [announced, streamed])
        if (response !== undefined) expectErrorBody(chatGuide, response)
      const exact = yield* rawRequest(url, `${head}Content-Length: 1048576`, `{}${" ".repeat(1_048_574)}`)
      expect(exact?.status).toBe(400)
    }),
  )

  it.live(
    "responds with 404 to unusual paths, with the error body of the contract that owns the prefix",
    () =>
      Effect.gen(function* () {
        const { url } = yield* App
        for (const prefix of inputs.prefixes) {
          for (const tail of inputs.unusualPathSuffixes) {
            const target = Buffer.from(`${prefix}${tail}`, "utf8").toString("latin1")
            const response = yield* rawRequest(url, `GET ${target} HTTP/1.1`)
            if (response === undefined) throw new Error(`${target} got no response`)
            expect([target.slice(0, 80), response.status]).toEqual([target.slice(0, 80), 404])
            expectErrorBody(tail.includes("../..") ? account : contractOf(prefix), response)
          }
        }
      }),
  )

  it.live("responds to an unsupported method with 405 and Allow, or with 404 on an unmatched path", () =>
    Effect.gen(function* () {
      const { url } = yield* App
      const user = yield* (yield* App).newUser()
      const before = yield* databaseState
      const byPath = Map.groupBy(yield* operations, ({ operation }) => operation.path)
      for (const [path, operationsAtPath] of byPath) {
        const validMethods = new Set(operationsAtPath.map(({ operation }) => operation.method))
        for (const method of inputs.methods.filter((each) => !validMethods.has(each))) {
          const response = yield* rawRequest(
            url,
            `${method} ${path} HTTP/1.1\r\nAuthorization: Bearer ${user.token}`,
          )
          if (response === undefined) throw new Error(`${method} ${path} got no response`)
          if (method === "OPTIONS") {
            expect([path, response.status, response.text]).toEqual([path, 204, ""])
          } else if (method === "HEAD" && response.status !== 405) {
            expect(validMethods).toContain("GET")
            expect([path, response.text]).toEqual([path, ""])
            continue
          } else {
            expect([path, method, response.status]).toEqual([path, method, 405])
            if (method !== "HEAD") expectErrorBody(operationsAtPath[0]?.contract ?? account, response)
          }
          const allowed = response.headers.get("allow")?.split(", ") ?? []
          expect(allowed).toEqual(expect.arrayContaining([...validMethods, "OPTIONS"]))
          expect(allowed).not.toContain(method === "OPTIONS" ? "" : method)
        }
      }
      for (const prefix of inputs.prefixes) {
        for (const method of inputs.methods) {
          const response = yield* rawRequest(url, `${method} ${prefix}/nothing/at/all HTTP/1.1`)
          expect([prefix, method, response?.status]).toEqual([prefix, method, 404])
        }
      }
      expect(yield* databaseState).toEqual(before)
    }),
  )

  it.live("tolerates unusual request headers", () =>
    Effect.gen(function* () {
      const { url } = yield* App
      for (const header of inputs.unusualHeaders) {
        for (const path of ["/api/chats", "/api/auth/me", "/api/generations/x/events"]) {
          const response = yield* rawRequest(url, `GET ${path} HTTP/1.1\r\n${header}`)
          expect([header.slice(0, 60), path, response?.status]).toEqual([header.slice(0, 60), path, 401])
          if (response !== undefined) expectErrorBody(contractOf(path), response)
        }
        const health = yield* rawRequest(url, `GET /api/health HTTP/1.1\r\n${header}`)
        expect([header.slice(0, 60), health?.status]).toEqual([header.slice(0, 60), 200])
      }
    }),
  )
})
