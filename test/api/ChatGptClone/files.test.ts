import { expect } from "bun:test"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { connectTcp } from "../../infra/bun-http/RawClient"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"
import { pixel } from "../../support/ScriptedProvider/Wire"
import { newConfig, send } from "../UniChat/chatFixtures"

const DATA_DIR = mkdtempSync(join(tmpdir(), "parley-files-"))
process.once("exit", () => rmSync(DATA_DIR, { recursive: true, force: true }))

const MAX_FILE_BYTES = 100_000

const digits = "0123456789".repeat(10)
const png = Buffer.from(pixel, "base64")
const textFile = (content = digits, name = "digits.txt") => new File([content], name, { type: "text/plain" })

const formOf = (...fields: ReadonlyArray<readonly [name: string, value: File | string]>) => {
  const form = new FormData()
  for (const [name, value] of fields) form.append(name, value as File)
  return form
}

const upload = Effect.fn(function* ({ token }: TestUser, file: File) {
  return yield* (yield* App).request("POST", "/api/files", { token, raw: formOf(["file", file]) })
})

const download = Effect.fn(function* (
  { token }: TestUser,
  id: string,
  headers: Record<string, string> = {},
  method = "GET",
) {
  return yield* (yield* App).request(method, `/api/files/${id}/download`, { token, headers })
})

/** Expects that the user has no files, and the server no blob without a row. */
const expectNothingStored = Effect.fn(function* ({ id }: TestUser) {
  const sql = yield* SqlClient.SqlClient
  expect(yield* sql`select id from files where owner_id = ${id}`).toEqual([])
  const settled = sql`select id from blobs_to_delete`.pipe(
    Effect.delay("20 millis"),
    Effect.repeat({ until: (rows) => rows.length === 0 }),
  )
  yield* settled
  const blobs = readdirSync(join(DATA_DIR, "files"), { recursive: true, withFileTypes: true })
  const rows = yield* sql<{ id: string }>`select id from files`
  expect(blobs.flatMap((blob) => (blob.isFile() ? blob.name : [])).sort()).toEqual(
    rows.map(({ id }) => id).sort(),
  )
})

layer(Server.layer({ DATA_DIR, MAX_FILE_BYTES: String(MAX_FILE_BYTES), TOKENS_LIMIT: "-1" }))(
  "Files",
  (it) => {
    it.live("are stored, described, downloaded and deleted, by their owner only", () =>
      Effect.gen(function* () {
        const app = yield* App
        const [owner, other] = [yield* app.newUser(), yield* app.newUser()]
        const created = yield* upload(owner, textFile(digits, "数字 é.txt"))
        const id = created.at("file.id")
        expect([created.status, created.json]).toEqual([
          201,
          {
            file: {
              id,
              name: "数字 é.txt",
              size: 100,
              mimeType: "text/plain",
              url: `/api/files/${id}/download`,
              createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
            },
          },
        ])
        const details = yield* app.request("GET", `/api/files/${id}`, { token: owner.token })
        expect([details.status, details.json]).toEqual([200, created.json])
        const whole = yield* app.request("GET", created.at("file.url"), { token: owner.token })
        expect([whole.status, whole.text]).toEqual([200, digits])
        for (const [method, path] of [
          ["GET", ""],
          ["GET", "/download"],
          ["DELETE", ""],
        ] as const) {
          const rejected = yield* app.request(method, `/api/files/${id}${path}`, { token: other.token })
          expect([method, path, rejected.status, rejected.at("code")]).toEqual([
            method,
            path,
            404,
            "FILE_NOT_FOUND",
          ])
          const unknown = yield* app.request(method, `/api/files/none${path}`, { token: owner.token })
          expect([unknown.status, unknown.at("code")]).toEqual([404, "FILE_NOT_FOUND"])
        }
        const remove = app.request("DELETE", `/api/files/${id}`, { token: owner.token })
        const removed = yield* Effect.all([remove, remove], { concurrency: "unbounded" })
        expect(removed.map(({ status }) => status).sort()).toEqual([200, 404])
        expect(removed.find(({ status }) => status === 200)?.json).toEqual({ success: true })
        expect((yield* download(owner, id)).status).toBe(404)
        yield* expectNothingStored(owner)
      }),
    )

    it.live("are served as what they are, and inline only if they are harmless images", () =>
      Effect.gen(function* () {
        const user = yield* (yield* App).newUser()
        for (const [file, mimeType, disposition] of [
          [new File([png], "a.html", { type: "text/html" }), "image/png", "inline"],
          [new File(["<script>"], "a.html", { type: "text/html" }), "text/html", "attachment"],
          [new File(["<svg/>"], "a.svg", { type: "image/svg+xml" }), "image/svg+xml", "attachment"],
          [new File(["<svg/>"], "a.png", { type: "image/png" }), "text/plain", "attachment"],
          [new File(["PK\u0003\u0004"], "a.zip", { type: "" }), "application/zip", "attachment"],
          [
            new File([Uint8Array.of(0, 1, 2)], "a", { type: "no type" }),
            "application/octet-stream",
            "attachment",
          ],
          [new File([], "empty.txt", { type: "text/plain" }), "text/plain", "attachment"],
        ] as const) {
          const created = yield* upload(user, file)
          expect([file.name, created.status, created.at("file.mimeType")]).toEqual([file.name, 201, mimeType])
          const { headers, text } = yield* download(user, created.at("file.id"))
          expect(text.length).toBe((yield* Effect.promise(() => file.text())).length)
          expect(headers.get("content-type")).toBe(mimeType)
          expect(headers.get("content-disposition")).toBe(`${disposition}; filename=${file.name}`)
          expect(headers.get("content-security-policy")).toBe("sandbox; default-src 'none'")
          expect(headers.get("x-content-type-options")).toBe("nosniff")
        }
      }),
    )

    it.live("are downloaded in ranges, and not again by a client that has them", () =>
      Effect.gen(function* () {
        const user = yield* (yield* App).newUser()
        const id = (yield* upload(user, textFile())).at("file.id")
        const etag = `"${id}"`
        for (const [range, status, contentRange, text] of [
          ["bytes=0-9", 206, "bytes 0-9/100", digits.slice(0, 10)],
          ["bytes=95-", 206, "bytes 95-99/100", "56789"],
          ["bytes=-3", 206, "bytes 97-99/100", "789"],
          ["bytes=-1000", 206, "bytes 0-99/100", digits],
          ["bytes=90-1000", 206, "bytes 90-99/100", "0123456789"],
          ["bytes=99-99", 206, "bytes 99-99/100", "9"],
          ["bytes=5-4", 200, null, digits],
          ["bytes=0-1,5-6", 200, null, digits],
          ["bytes=-", 200, null, digits],
          ["lines=0-1", 200, null, digits],
          ["bytes=100-", 416, "bytes */100", undefined],
          ["bytes=-0", 416, "bytes */100", undefined],
        ] as const) {
          const part = yield* download(user, id, { range })
          expect([range, part.status, part.headers.get("content-range")]).toEqual([
            range,
            status,
            contentRange,
          ])
          if (text === undefined) expect(part.at("code")).toBe("RANGE_NOT_SATISFIABLE")
          else expect([part.text, part.headers.get("etag")]).toEqual([text, etag])
        }
        const range = "bytes=0-9"
        for (const [headers, status] of [
          [{ range, "if-range": etag }, 206],
          [{ range, "if-range": `W/${etag}` }, 200],
          [{ range, "if-range": '"other"' }, 200],
          [{ range, "if-range": "Thu, 15 Jan 2026 09:30:00 GMT" }, 200],
          [{ "if-none-match": etag }, 304],
          [{ "if-none-match": `"other", W/${etag}` }, 304],
          [{ "if-none-match": "*" }, 304],
          [{ "if-none-match": etag, range }, 304],
          [{ "if-none-match": '"other"', range }, 206],
        ] as const) {
          const response = yield* download(user, id, headers)
          expect([headers, response.status, response.headers.get("etag")]).toEqual([headers, status, etag])
          if (status === 304) expect(response.text).toBe("")
        }
        const head = yield* download(user, id, { range }, "HEAD")
        expect([head.status, head.text, head.headers.get("content-length")]).toEqual([200, "", "100"])
      }),
    )

    it.live("have details with a weak ETag", () =>
      Effect.gen(function* () {
        const app = yield* App
        const user = yield* app.newUser()
        const path = `/api/files/${(yield* upload(user, textFile())).at("file.id")}`
        const get = (headers: Record<string, string> = {}) =>
          app.request("GET", path, { token: user.token, headers })
        const { headers } = yield* get()
        const etag = headers.get("etag") ?? ""
        expect([etag, headers.get("cache-control")]).toEqual([
          expect.stringMatching(/^W\/"[\w-]{22}"$/),
          "private, no-cache",
        ])
        const same = yield* get({ "if-none-match": etag })
        expect([same.status, same.text, same.headers.get("etag")]).toEqual([304, "", etag])
        expect((yield* get({ "if-none-match": 'W/"other"' })).status).toBe(200)
        yield* app.request("DELETE", path, { token: user.token })
        expect((yield* get({ "if-none-match": etag })).status).toBe(404)
      }),
    )

    it.live("are rejected without leftovers if the form is malformed or not of exactly one file", () =>
      Effect.gen(function* () {
        const app = yield* App
        const user = yield* app.newUser()
        const { token } = user
        const file = ["file", textFile()] as const
        for (const [raw, message] of [
          [formOf(["other", "x"]), "file is required"],
          [formOf(["file", "text"]), "file must be a file"],
          [formOf(["file", new File([], "")]), "file is required"],
          [formOf(["other", textFile()]), "file must be the field of the only file"],
          [formOf(file, file), "file must occur only once"],
          [formOf(file, ["other", textFile()]), "file must be the field of the only file"],
          [formOf(file, ["file", "text"]), "file must be a file"],
        ] as const) {
          const rejected = yield* app.request("POST", "/api/files", { token, raw })
          expect([rejected.status, rejected.json]).toEqual([
            400,
            expect.objectContaining({ error: message, code: "VALIDATION_ERROR" }),
          ])
        }
        const headers = { "content-type": "multipart/form-data; boundary=x" }
        const part = '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc'
        for (const raw of ["", "--x", part, `${part}\r\n--x`, `${part}\r\n--x\r\nno header\r\n\r\n--x--`]) {
          const rejected = yield* app.request("POST", "/api/files", { token, raw, headers })
          expect([raw, rejected.status, rejected.at("code")]).toEqual([raw, 400, "MALFORMED_FORM"])
        }
        const json = yield* app.request("POST", "/api/files", { token, body: { file: "text" } })
        expect([json.status, json.at("code")]).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"])
        yield* expectNothingStored(user)
        const withFields = formOf(["name", "x"], file, ["purpose", "y"])
        expect((yield* app.request("POST", "/api/files", { token, raw: withFields })).status).toBe(201)
      }),
    )

    it.live("are rejected while they are received once they are larger than allowed", () =>
      Effect.gen(function* () {
        const app = yield* App
        const user = yield* app.newUser()
        const exact = yield* upload(user, textFile("x".repeat(MAX_FILE_BYTES)))
        expect(exact.status).toBe(201)
        yield* app.request("DELETE", `/api/files/${exact.at("file.id")}`, { token: user.token })
        for (const size of [MAX_FILE_BYTES + 1, 5_000_000]) {
          const rejected = yield* upload(user, textFile("x".repeat(size)))
          expect([rejected.status, rejected.at("code")]).toEqual([413, "FILE_TOO_LARGE"])
        }
        // Never ends, and does not announce its size.
        const client = yield* connectTcp(Number(new URL(app.url).port))
        const head = [
          "POST /api/files HTTP/1.1",
          "Host: test",
          `Authorization: Bearer ${user.token}`,
          "Content-Type: multipart/form-data; boundary=x",
          "Transfer-Encoding: chunked",
        ]
        client.send(`${head.join("\r\n")}\r\n\r\n`)
        const chunk = (text: string) => client.send(`${text.length.toString(16)}\r\n${text}\r\n`)
        chunk('--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n')
        for (let sent = 0; sent < 3; sent++) chunk("x".repeat(50_000))
        yield* client.until(({ text }) => text.includes("FILE_TOO_LARGE"))
        expect(client.text).toStartWith("HTTP/1.1 413 ")
        yield* expectNothingStored(user)
      }),
    )

    it.live("leave nothing behind when the client disconnects during the upload", () =>
      Effect.gen(function* () {
        const app = yield* App
        const sql = yield* SqlClient.SqlClient
        const user = yield* app.newUser()
        yield* Effect.scoped(
          Effect.gen(function* () {
            const client = yield* connectTcp(Number(new URL(app.url).port))
            const head = [
              "POST /api/files HTTP/1.1",
              "Host: test",
              `Authorization: Bearer ${user.token}`,
              "Content-Type: multipart/form-data; boundary=x",
              "Content-Length: 90000",
            ]
            const part = '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
            client.send(`${head.join("\r\n")}\r\n\r\n${part}${"x".repeat(40_000)}`)
            yield* sql`select id from blobs_to_delete`.pipe(
              Effect.delay("20 millis"),
              Effect.repeat({ until: (rows) => rows.length === 1 }),
            )
          }),
        )
        yield* expectNothingStored(user)
      }),
    )

    it.live("are attached to messages if they are images, PDF or text", () =>
      Effect.gen(function* () {
        const app = yield* App
        const user = yield* app.newUser()
        const config_id = yield* newConfig(user)
        const attach = Effect.fn(function* (file: File) {
          const id = (yield* upload(user, file)).at("file.id")
          return yield* send(user, { config_id, message: "What is this?", attachments: [id] })
        })
        for (const file of [
          new File([png], "a.png"),
          new File(["%PDF-1.7"], "a.pdf"),
          new File(["# Title"], "a.md", { type: "application/octet-stream" }),
        ]) {
          expect([file.name, (yield* attach(file)).status]).toEqual([file.name, 200])
        }
        for (const file of [
          new File(["PK\u0003\u0004\u0000"], "a.zip"),
          new File(["a\u0000b"], "a.txt", { type: "text/plain" }),
        ]) {
          const rejected = yield* attach(file)
          expect([file.name, rejected.status, rejected.at("code")]).toEqual([file.name, 400, "INVALID_FILE"])
        }
      }),
    )
  },
)

layer(Server.layer({ RATE_LIMITS: "on" }))("Uploads", (it) => {
  it.live("are limited to ten a minute for each user", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [one, two] = [yield* app.newUser(), yield* app.newUser()]
      const responses = yield* Effect.all(Array.from({ length: 11 }, () => upload(one, textFile())))
      expect(responses.map(({ status }) => status)).toEqual([...Array<number>(10).fill(201), 429])
      expect(responses[0]?.headers.get("x-ratelimit-limit")).toBe("10")
      expect((yield* upload(two, textFile())).status).toBe(201)
      expect((yield* download(one, responses[0]?.at("file.id") ?? "")).status).toBe(200)
    }),
  )
})
