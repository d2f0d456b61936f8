import { expect } from "bun:test"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { makePng } from "../../infra/images/imageFixtures"
import * as Server from "../../support/App"
import { App, type RequestOptions, type TestUser } from "../../support/App"
import { layer } from "../../support/it"

const DATA_DIR = mkdtempSync(join(tmpdir(), "parley-plexichat-files-"))
process.once("exit", () => rmSync(DATA_DIR, { recursive: true, force: true }))

const digits = "0123456789".repeat(10)
const png = makePng(400, 200, () => [255, 0, 0, 255])
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

const upload = Effect.fn(function* (
  { token }: TestUser,
  content: string | Buffer = digits,
  name = "digits.txt",
  type = "text/plain",
) {
  const raw = new FormData()
  raw.append("file", new File([content], name, { type }))
  return yield* (yield* App).request("POST", "/v1/files", { token, raw })
})

const newFile = (user: TestUser) => Effect.map(upload(user), (created) => created.at("data.id"))

/** Shares a new file of the user; returns the paths of its share and of the link. */
const newShare = Effect.fn(function* (user: TestUser, body: unknown = {}) {
  const app = yield* App
  const path = `/v1/files/${yield* newFile(user)}/share`
  const shared = yield* app.request("POST", path, { token: user.token, body })
  expect(shared.status).toBe(201)
  return { path, link: new URL(shared.at("data.url")).pathname }
})

const get = (path: string, options?: RequestOptions, method = "GET") =>
  Effect.flatMap(App, (app) => app.request(method, path, options))

/** Returns how often the link of a file was used. */
const downloadsOf = (user: TestUser, path: string) =>
  Effect.map(get(path, { token: user.token }), ({ json }) => Object(json).data.downloads)

/** Lists the ids of all stored blobs. */
const storedBlobs = () =>
  readdirSync(join(DATA_DIR, "files"), { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [entry.name] : [],
  )

layer(Server.layer({ DATA_DIR, MAX_FILE_BYTES: "100000" }))("PlexiChat files", (it) => {
  it.live("are uploaded, listed newest first, described, downloaded in ranges and deleted", () =>
    Effect.gen(function* () {
      const owner = yield* (yield* App).newUser()
      const { token } = owner
      const created = yield* upload(owner)
      const id = created.at("data.id")
      const data = {
        id,
        owner_id: owner.id,
        name: "digits.txt",
        size: 100,
        mime_type: "text/plain",
        url: `/v1/files/${id}/download`,
        thumbnail_url: null,
        created_at: time,
      }
      const meta = { timestamp: time, request_id: expect.any(String) }
      expect([created.status, created.json]).toEqual([201, { success: true, data, meta }])
      const image = yield* upload(owner, png, "red.png")
      expect(image.json).toMatchObject({
        data: {
          mime_type: "image/png",
          thumbnail_url: `/v1/files/${image.at("data.id")}/thumbnail`,
        },
      })

      const listed = yield* get("/v1/files?per_page=1", { token })
      expect(listed.json).toMatchObject({
        data: [{ id: image.at("data.id") }],
        pagination: { page: 1, per_page: 1, total: 2, total_pages: 2, has_next: true },
      })
      expect((yield* get("/v1/files?page=2&per_page=1", { token })).json).toMatchObject({ data: [data] })
      expect((yield* get("/v1/files?per_page=101", { token })).status).toBe(400)
      expect((yield* get(`/v1/files/${id}`, { token })).json).toMatchObject({ data })

      const part = yield* get(data.url, { token, headers: { range: "bytes=95-" } })
      expect([part.status, part.text, part.headers.get("content-range")]).toEqual([
        206,
        "56789",
        "bytes 95-99/100",
      ])
      expect(part.headers.get("content-disposition")).toBe("attachment; filename=digits.txt")
      const unchanged = { "if-none-match": part.headers.get("etag") ?? "" }
      expect((yield* get(data.url, { token, headers: unchanged })).status).toBe(304)
      const beyond = yield* get(data.url, { token, headers: { range: "bytes=100-" } })
      expect([beyond.status, beyond.at("error.code")]).toEqual([416, "RANGE_NOT_SATISFIABLE"])

      const remove = get(`/v1/files/${id}`, { token }, "DELETE")
      const removed = yield* Effect.all([remove, remove], { concurrency: 2 })
      expect(removed.map(({ status }) => status).sort()).toEqual([204, 404])
      expect(removed.find(({ status }) => status === 204)?.text).toBe("")
      expect((yield* get(data.url, { token })).at("error.code")).toBe("FILE_NOT_FOUND")
    }),
  )

  it.live("are rejected if they are too large or not in a form", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const { token } = user
      const large = yield* upload(user, "x".repeat(100_001))
      expect([large.status, large.at("error.code")]).toEqual([413, "FILE_TOO_LARGE"])
      const json = yield* app.request("POST", "/v1/files", { token, body: { file: "text" } })
      expect([json.status, json.at("error.code")]).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"])
      const raw = new FormData()
      raw.append("file", "text")
      const text = yield* app.request("POST", "/v1/files", { token, raw })
      expect([text.status, text.json]).toMatchObject([
        400,
        { error: { code: "VALIDATION_ERROR", details: { field: "file", reason: "must be a file" } } },
      ])
    }),
  )

  it.live("have a thumbnail that is made once, and deleted with the image", () =>
    Effect.gen(function* () {
      const owner = yield* (yield* App).newUser()
      const { token } = owner
      const id = (yield* upload(owner, png, "red.PNG")).at("data.id")
      const path = `/v1/files/${id}/thumbnail`
      const request = Effect.flatMap(App, (app) => app.requestStream("GET", path, { token }))
      const responses = yield* Effect.all([request, request, request], { concurrency: "unbounded" })
      const etags = responses.map(({ headers }) => headers.get("etag"))
      expect([responses.map(({ status }) => status), new Set(etags).size]).toEqual([[200, 200, 200], 1])
      const [first] = responses
      if (first === undefined) throw new Error("There is no response")
      expect(first.headers.get("content-type")).toBe("image/webp")
      expect(first.headers.get("content-disposition")).toBe("inline; filename=red.webp")
      const image = yield* Effect.promise(() => first.bytes())
      expect(yield* Effect.promise(() => new Bun.Image(image).metadata())).toEqual({
        width: 320,
        height: 160,
        format: "webp",
      })
      const headers = { "if-none-match": etags[0] ?? "" }
      expect((yield* get(path, { token, headers })).status).toBe(304)

      const sql = yield* SqlClient.SqlClient
      const [thumbnail] = yield* sql<{ id: string }>`select id from thumbnails where file_id = ${id}`
      expect(storedBlobs()).toContain(thumbnail?.id ?? "")
      yield* get(`/v1/files/${id}`, { token }, "DELETE")
      expect((yield* get(path, { token })).at("error.code")).toBe("FILE_NOT_FOUND")
      yield* Effect.repeat(Effect.delay(Effect.sync(storedBlobs), "50 millis"), {
        until: (blobs) => !blobs.includes(thumbnail?.id ?? ""),
      })
      expect(yield* sql`select id from thumbnails where file_id = ${id}`).toEqual([])
    }),
  )

  it.live("have no thumbnail if they are not images or broken", () =>
    Effect.gen(function* () {
      const owner = yield* (yield* App).newUser()
      for (const [content, name, type] of [
        [digits, "a.txt", "text/plain"],
        ["<svg/>", "a.svg", "image/svg+xml"],
        ["", "a.tiff", "image/tiff"],
        [png.subarray(0, 60), "a.png", "image/png"],
      ] as const) {
        const id = (yield* upload(owner, Buffer.from(content), name, type)).at("data.id")
        const none = yield* get(`/v1/files/${id}/thumbnail`, { token: owner.token })
        expect([name, none.status, none.at("error.code")]).toEqual([name, 422, "THUMBNAIL_UNAVAILABLE"])
      }
    }),
  )

  it.live("are hidden from other users, and so are their thumbnails and links", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, other] = [yield* app.newUser(), yield* app.newUser()]
      const { path } = yield* newShare(owner)
      const file = path.replace(/\/share$/, "")
      for (const [method, url] of [
        ["GET", file],
        ["GET", `${file}/download`],
        ["GET", `${file}/thumbnail`],
        ["DELETE", file],
        ["POST", path],
        ["GET", path],
        ["DELETE", path],
        ["GET", "/v1/files/none"],
        ["POST", "/v1/files/none/share"],
      ] as const) {
        const body = method === "POST" ? { body: {} } : {}
        const rejected = yield* app.request(method, url, { token: other.token, ...body })
        expect([method, url, rejected.status, rejected.at("error.code")]).toEqual([
          method,
          url,
          404,
          "FILE_NOT_FOUND",
        ])
      }
      expect((yield* get("/v1/files", { token: other.token })).json).toMatchObject({ data: [] })
      expect((yield* get(path, { token: owner.token })).status).toBe(200)
    }),
  )
})

layer(Server.layer({ PUBLIC_URL: "https://chat.example.com" }))("Links to PlexiChat files", (it) => {
  it.live("let anyone download the file, until they are replaced, revoked or the file is deleted", () =>
    Effect.gen(function* () {
      const app = yield* App
      const owner = yield* app.newUser()
      const { token } = owner
      const id = yield* newFile(owner)
      const path = `/v1/files/${id}/share`
      const none = yield* get(path, { token })
      expect([none.status, none.at("error.code")]).toEqual([404, "FILE_SHARE_NOT_FOUND"])
      const shared = yield* app.request("POST", path, { token, body: {} })
      const link = new URL(shared.at("data.url"))
      expect(link.origin).toBe("https://chat.example.com")
      expect(link.pathname).toMatch(/^\/v1\/shared-files\/[\w-]{43}$/)
      expect(shared.json).toMatchObject({
        data: { expires_at: null, max_downloads: null, downloads: 0, created_at: time },
      })
      const whole = yield* get(link.pathname)
      expect([whole.status, whole.text]).toEqual([200, digits])
      expect(whole.headers.get("content-disposition")).toBe("attachment; filename=digits.txt")
      expect((yield* get(path, { token })).json).toMatchObject({
        data: { url: link.href, downloads: 1 },
      })

      const again = new URL((yield* app.request("POST", path, { token, body: {} })).at("data.url"))
      const replaced = yield* get(link.pathname)
      expect([replaced.status, replaced.at("error.code")]).toEqual([410, "FILE_SHARE_EXPIRED"])
      expect((yield* get(again.pathname)).status).toBe(200)
      const revoke = get(path, { token }, "DELETE")
      const revoked = yield* Effect.all([revoke, revoke], { concurrency: 2 })
      expect(revoked.map(({ status }) => status).sort()).toEqual([204, 404])
      expect((yield* get(again.pathname)).status).toBe(410)
      expect((yield* get(path, { token })).status).toBe(404)

      const last = new URL((yield* app.request("POST", path, { token, body: {} })).at("data.url"))
      yield* get(`/v1/files/${id}`, { token }, "DELETE")
      for (const gone of [last.pathname, "/v1/shared-files/unknown"]) {
        const missing = yield* get(gone)
        expect([missing.status, missing.at("error.code")]).toEqual([404, "FILE_SHARE_NOT_FOUND"])
      }
    }),
  )

  it.live("fail once they have expired, and are rejected if they already have", () =>
    Effect.gen(function* () {
      const app = yield* App
      const owner = yield* app.newUser()
      const { token } = owner
      const { path, link } = yield* newShare(owner, { expires_at: "2100-01-01T00:00:00Z" })
      const etag = (yield* get(link)).headers.get("etag") ?? ""
      yield* (yield* SqlClient.SqlClient)`update file_shares set expires_at = now() - interval '1 second'`
      for (const headers of [{}, { range: "bytes=5-", "if-range": etag }, { "if-none-match": etag }]) {
        const expired = yield* get(link, { headers })
        expect([expired.status, expired.at("error.code")]).toEqual([410, "FILE_SHARE_EXPIRED"])
      }
      expect((yield* get(path, { token })).status).toBe(200)
      for (const [body, code] of [
        [{ expires_at: "2020-01-01T00:00:00Z" }, "INVALID_EXPIRY"],
        [{ expires_at: "tomorrow" }, "VALIDATION_ERROR"],
        [{ max_downloads: 0 }, "VALIDATION_ERROR"],
        [{ max_downloads: 1.5 }, "VALIDATION_ERROR"],
      ] as const) {
        const rejected = yield* app.request("POST", path, { token, body })
        expect([rejected.status, rejected.at("error.code")]).toEqual([400, code])
      }
      // The link until now stays when no other is made.
      expect((yield* get(path, { token })).json).toMatchObject({ data: { downloads: 1 } })
    }),
  )

  it.live("admit exactly as many downloads as allowed, however many begin at once", () =>
    Effect.gen(function* () {
      const owner = yield* (yield* App).newUser()
      const { path, link } = yield* newShare(owner, { max_downloads: 3 })
      const downloads = yield* Effect.all(
        Array.from({ length: 8 }, () => get(link)),
        { concurrency: "unbounded" },
      )
      expect(downloads.map(({ status }) => status).sort()).toEqual([200, 200, 200, 410, 410, 410, 410, 410])
      expect(yield* downloadsOf(owner, path)).toBe(3)
      expect((yield* get(link, {}, "HEAD")).status).toBe(410)
    }),
  )

  it.live("have one link at a time, however many are made at once", () =>
    Effect.gen(function* () {
      const app = yield* App
      const owner = yield* app.newUser()
      const path = `/v1/files/${yield* newFile(owner)}/share`
      const made = yield* Effect.all(
        Array.from({ length: 5 }, () => app.request("POST", path, { token: owner.token, body: {} })),
        { concurrency: "unbounded" },
      )
      const links = made.map((response) => new URL(response.at("data.url")).pathname)
      const statuses = yield* Effect.forEach(links, (link) => get(link, {}, "HEAD"))
      expect(statuses.map(({ status }) => status).sort()).toEqual([200, 410, 410, 410, 410])
    }),
  )

  it.live("count a download when it begins, and not what continues it", () =>
    Effect.gen(function* () {
      const owner = yield* (yield* App).newUser()
      const { path, link } = yield* newShare(owner, { max_downloads: 2 })
      const used = downloadsOf(owner, path)
      const head = yield* get(link, {}, "HEAD")
      expect([head.status, head.headers.get("content-length"), yield* used]).toEqual([200, "100", 0])
      expect((yield* get(link, { headers: { range: "bytes=100-" } })).status).toBe(416)
      expect(yield* used).toBe(0)

      const begun = yield* get(link, { headers: { range: "bytes=0-9" } })
      expect([begun.status, begun.text, yield* used]).toEqual([206, "0123456789", 1])
      const etag = begun.headers.get("etag") ?? ""
      const rest = { range: "bytes=10-", "if-range": etag }
      const continued = yield* get(link, { headers: rest })
      expect([continued.status, continued.text.length, continued.headers.get("etag"), yield* used]).toEqual([
        206,
        90,
        etag,
        1,
      ])
      expect((yield* get(link, { headers: { "if-none-match": etag } })).status).toBe(304)
      expect(yield* used).toBe(1)

      // All of the file but its first byte, without having begun a download, is a download.
      const most = yield* get(link, { headers: { range: "bytes=1-" } })
      expect([most.status, yield* used]).toEqual([206, 2])
      const other = yield* newShare(owner)
      const foreign = (yield* get(other.link)).headers.get("etag") ?? ""
      for (const headers of [
        { range: "bytes=1-" },
        { range: "bytes=1-", "if-range": foreign },
        { range: "bytes=1-", "if-range": '"forged.tag"' },
        { range: "bytes=0-", "if-range": etag },
        { "if-range": etag },
        { "if-none-match": "*" },
      ]) {
        const rejected = yield* get(link, { headers })
        expect([headers, rejected.status]).toEqual([headers, 410])
      }
      // The last download may be continued too.
      const last = { range: "bytes=50-", "if-range": most.headers.get("etag") ?? "" }
      expect([(yield* get(link, { headers: last })).status, yield* used]).toEqual([206, 2])
    }),
  )

  it.live("are stored as hashes and encrypted, and never as they are", () =>
    Effect.gen(function* () {
      const owner = yield* (yield* App).newUser()
      const { link } = yield* newShare(owner)
      const token = link.split("/").at(-1) ?? ""
      const rows = yield* (yield* SqlClient.SqlClient)`
        select encode(token_hash, 'base64') as hash, token from file_shares`
      expect(JSON.stringify(rows)).not.toContain(token)
    }),
  )
})

layer(Server.layer({ RATE_LIMITS: "on" }))("Uploads of PlexiChat files", (it) => {
  it.live("are limited to ten a minute for each user, together with those of other contracts", () =>
    Effect.gen(function* () {
      const app = yield* App
      const user = yield* app.newUser()
      const uploads = yield* Effect.all(Array.from({ length: 9 }, () => upload(user)))
      expect(uploads.map(({ status }) => status)).toEqual(Array<number>(9).fill(201))
      const raw = new FormData()
      raw.append("file", new File(["x"], "x"))
      expect((yield* app.request("POST", "/api/files", { token: user.token, raw })).status).toBe(201)
      const limited = yield* upload(user)
      expect([limited.status, limited.at("error.code")]).toEqual([429, "RATE_LIMITED"])
      expect(limited.headers.get("retry-after")).not.toBeNull()
      expect((yield* get("/v1/files", { token: user.token })).headers.get("x-ratelimit-limit")).toBe("1000")
    }),
  )
})
