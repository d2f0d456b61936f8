import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"
import { digits, get, newFile, time } from "./fileFixtures"

/** Shares a new file of the user; returns the paths of its share and of the link. */
const newShare = Effect.fn(function* (user: TestUser, body: unknown = {}) {
  const app = yield* App
  const path = `/v1/files/${yield* newFile(user)}/share`
  const shared = yield* app.request("POST", path, { token: user.token, body })
  expect(shared.status).toBe(201)
  return { path, link: new URL(shared.at("data.url")).pathname }
})

/** Returns how often the link of a file was used. */
const downloadsOf = (user: TestUser, path: string) =>
  Effect.map(get(path, { token: user.token }), ({ json }) => Object(json).data.downloads)

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
