import { expect } from "bun:test"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { makePng } from "../../infra/images/imageFixtures"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { digits, get, newFile, time, upload } from "./fileFixtures"

const DATA_DIR = mkdtempSync(join(tmpdir(), "parley-plexichat-files-"))
process.once("exit", () => rmSync(DATA_DIR, { recursive: true, force: true }))

const png = makePng(400, 200, () => [255, 0, 0, 255])

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
      expect(storedBlobs()).not.toContain(thumbnail?.id ?? "")
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
      const file = `/v1/files/${yield* newFile(owner)}`
      const path = `${file}/share`
      yield* app.request("POST", path, { token: owner.token, body: {} })
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

  it.live("are readable to those who may read a message that they are attached to, and nothing more", () =>
    Effect.gen(function* () {
      const app = yield* App
      const sql = yield* SqlClient.SqlClient
      const [owner, member, denied, other] = yield* Effect.all([
        app.newUser(),
        app.newUser(),
        app.newUser(),
        app.newUser(),
      ])
      const { token } = owner
      const id = (yield* upload(owner, png, "red.png")).at("data.id")
      const body = { name: "private", is_private: true }
      const channel = (yield* app.request("POST", "/v1/channels", { token, body })).at("data.id")
      const members = `/v1/channels/${channel}/members`
      for (const { id: user_id } of [member, denied])
        yield* app.request("POST", members, { token, body: { user_id } })
      const permissions = yield* app.request("GET", `/v1/channels/${channel}/permissions`, { token })
      const overrides = [{ user_id: denied.id, allow: [], deny: ["read"] }]
      const changed = yield* app.request("PUT", `/v1/channels/${channel}/permissions`, {
        token,
        body: { ...Object(permissions.json).data, overrides },
      })
      expect(changed.status).toBe(200)
      const statuses = Effect.forEach([owner, member, denied, other], ({ token }) =>
        Effect.forEach(["", "/download", "/thumbnail"], (part) =>
          Effect.map(get(`/v1/files/${id}${part}`, { token }), ({ status }) => status),
        ),
      )
      const [all, none] = [Array<number>(3).fill(200), Array<number>(3).fill(404)]
      expect(yield* statuses).toEqual([all, none, none, none])

      const post = Bun.randomUUIDv7()
      yield* sql`
        insert into posts (id, channel_id, position, content, created_at)
        values (${post}, ${channel}, 1, 'Look', now())`
      yield* sql`insert into post_files (post_id, file_id, position) values (${post}, ${id}, 1)`
      expect(yield* statuses).toEqual([all, all, none, none])
      for (const [method, path] of [
        ["DELETE", ""],
        ["POST", "/share"],
      ] as const) {
        const rejected = yield* app.request(method, `/v1/files/${id}${path}`, {
          token: member.token,
          ...(method === "POST" ? { body: {} } : {}),
        })
        expect([method, rejected.status]).toEqual([method, 404])
      }
      yield* get(`${members}/${member.id}`, { token }, "DELETE")
      expect(yield* statuses).toEqual([all, none, none, none])
    }),
  )
})

layer(Server.layer({ RATE_LIMITS: "on" }))("Uploads of PlexiChat files", (it) => {
  it.live("are limited to ten a minute for each user, counted with those of other contracts", () =>
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
