import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"

const path = "/v1/channels"

/** Creates a channel. Returns its path. */
const newChannel = ({ token }: TestUser, body: object = {}) =>
  Effect.gen(function* () {
    const app = yield* App
    const created = yield* app.request("POST", path, { token, body: { name: "general", ...body } })
    return `${path}/${created.at("data.id")}`
  })

const newOrganization = ({ token }: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    return (yield* app.request("POST", "/v1/organizations", { token, body: { name: "Engines" } })).at(
      "data.id",
    )
  })

const join = (channel: string, { id }: TestUser, by: TestUser, role = "member") =>
  Effect.gen(function* () {
    const app = yield* App
    const body = { user_id: id, role }
    return yield* app.request("POST", `${channel}/members`, { token: by.token, body })
  })

/** Returns the statuses of an operation for several users. */
const statusesOf = (users: ReadonlyArray<TestUser>, method: string, path: string, body?: object) =>
  Effect.gen(function* () {
    const app = yield* App
    return yield* Effect.forEach(users, ({ token }) =>
      Effect.map(
        app.request(method, path, body === undefined ? { token } : { token, body }),
        ({ status }) => status,
      ),
    )
  })

layer(Server.layer())("PlexiChat channels", (it) => {
  it.live("are created, listed, read, updated and deleted", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      const body = { name: "general", description: "For all", type: "voice", is_private: true }
      const created = yield* app.request("POST", path, { token, body })
      const channel = {
        ...body,
        id: created.at("data.id"),
        organization_id: null,
        role: "owner",
        created_at: expect.any(String),
        updated_at: expect.any(String),
      }
      expect([created.status, created.json]).toMatchObject([201, { success: true, data: channel }])
      const url = `${path}/${created.at("data.id")}`
      const listed = yield* app.request("GET", `${path}?per_page=1`, { token })
      expect(listed.json).toMatchObject({ data: [channel], pagination: { total: 1 } })
      const updated = yield* app.request("PUT", url, { token, body: { name: "lobby", description: null } })
      expect(updated.json).toMatchObject({ data: { name: "lobby", description: null, type: "voice" } })
      expect((yield* app.request("DELETE", url, { token })).status).toBe(204)
      const missing = yield* app.request("GET", url, { token })
      expect([missing.status, missing.at("error.code")]).toEqual([404, "CHANNEL_NOT_FOUND"])
      for (const invalid of [{}, { name: "" }, { name: "x".repeat(81) }, { name: "a", type: "direct" }]) {
        expect((yield* app.request("POST", path, { token, body: invalid })).status).toBe(400)
      }
    }),
  )

  it.live("are visible and joinable for all if public, and for members alone if private", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, other] = [yield* app.newUser(), yield* app.newUser()]
      const open = yield* newChannel(owner)
      const closed = yield* newChannel(owner, { is_private: true })
      const seen = yield* app.request("GET", open, { token: other.token })
      expect(seen.json).toMatchObject({ data: { role: null } })
      expect((yield* app.request("GET", closed, { token: other.token })).status).toBe(404)
      const listed = yield* app.request("GET", `${path}?per_page=100`, { token: other.token })
      const ids = (listed.json as { data: ReadonlyArray<{ id: string }> }).data.map(
        ({ id }) => `${path}/${id}`,
      )
      expect([ids.includes(open), ids.includes(closed)]).toEqual([true, false])

      expect((yield* join(open, other, other, "admin")).status).toBe(403)
      expect((yield* join(open, other, other)).status).toBe(201)
      expect((yield* join(closed, other, other)).status).toBe(404)
      const again = yield* join(open, other, other)
      expect([again.status, again.at("error.code")]).toEqual([409, "ALREADY_MEMBER"])
      const leave = yield* app.request("DELETE", `${open}/members/${other.id}`, { token: other.token })
      expect(leave.status).toBe(204)
      const last = yield* app.request("DELETE", `${open}/members/${owner.id}`, { token: owner.token })
      expect([last.status, last.at("error.code")]).toEqual([422, "LAST_OWNER"])
      const joins = yield* Effect.all([join(closed, other, owner), join(closed, other, owner)], {
        concurrency: "unbounded",
      })
      expect(joins.map(({ status }) => status).sort()).toEqual([201, 409])
    }),
  )

  it.live("permit owners, moderators, members and others what the matrix lists", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, moderator, member, other] = [
        yield* app.newUser(),
        yield* app.newUser(),
        yield* app.newUser(),
        yield* app.newUser(),
      ]
      const admin = yield* app.newAdmin()
      const channel = yield* newChannel(owner)
      yield* join(channel, moderator, owner, "admin")
      yield* join(channel, member, moderator)
      const everyone = [owner, moderator, member, other, admin]
      expect(yield* statusesOf(everyone, "GET", channel)).toEqual([200, 200, 200, 200, 200])
      expect(yield* statusesOf(everyone, "GET", `${channel}/members`)).toEqual([200, 200, 200, 200, 200])
      expect(yield* statusesOf(everyone, "PUT", channel, { name: "renamed" })).toEqual([
        200, 200, 403, 403, 403,
      ])
      const change = { roles: { member: { attach_files: false } } }
      expect(yield* statusesOf(everyone, "PUT", `${channel}/permissions`, change)).toEqual([
        200, 200, 403, 403, 403,
      ])
      const promote = yield* join(channel, other, moderator, "owner")
      expect(promote.status).toBe(403)
      const demote = yield* app.request("DELETE", `${channel}/members/${owner.id}`, {
        token: moderator.token,
      })
      expect(demote.status).toBe(403)
      expect(yield* statusesOf([other, member], "DELETE", `${channel}/members/${moderator.id}`)).toEqual([
        403, 403,
      ])
      expect(yield* statusesOf([admin, other, member, moderator], "DELETE", channel)).toEqual([
        403, 403, 403, 204,
      ])
    }),
  )

  it.live("let exceptions add to a role and take from it, where denying wins and owners keep all", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, member] = [yield* app.newUser(), yield* app.newUser()]
      const channel = yield* newChannel(owner, { is_private: true })
      yield* join(channel, member, owner)
      const permissions = `${channel}/permissions`
      const put = ({ token }: TestUser, body: unknown) => app.request("PUT", permissions, { token, body })
      const initial = yield* app.request("GET", permissions, { token: owner.token })
      const { data } = initial.json as { readonly data: object }
      const unchanged = yield* put(owner, data)
      expect([unchanged.status, unchanged.json]).toMatchObject([200, { data }])

      const allow = (yield* put(owner, {
        overrides: [
          { user_id: member.id, allow: ["manage_channel"] },
          { user_id: owner.id, deny: ["manage_channel"] },
        ],
      })).json
      expect(allow).toMatchObject({
        data: {
          overrides: [
            { user_id: owner.id, allow: [] },
            { user_id: member.id, deny: [] },
          ],
        },
      })
      expect((yield* app.request("PUT", channel, { token: member.token, body: { name: "a" } })).status).toBe(
        200,
      )
      const tooMuch = yield* put(member, { overrides: [{ user_id: member.id, allow: ["manage_members"] }] })
      expect(tooMuch.status).toBe(403)
      const both = { user_id: member.id, allow: ["manage_channel"], deny: ["manage_channel"] }
      expect((yield* put(owner, { overrides: [both] })).status).toBe(200)
      expect((yield* app.request("PUT", channel, { token: member.token, body: { name: "b" } })).status).toBe(
        403,
      )
      expect((yield* put(owner, { roles: { owner: { read: false } } })).status).toBe(400)
      expect((yield* put(owner, { overrides: [both, both] })).status).toBe(400)
      expect((yield* put(owner, { overrides: [{ ...both, user_id: channel.slice(-36) }] })).status).toBe(404)
      expect((yield* put(owner, { overrides: [{ ...both, user_id: "nobody" }] })).status).toBe(404)
    }),
  )

  it.live("of an organization are its members' alone, and go with the membership and the organization", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, member, other] = [yield* app.newUser(), yield* app.newUser(), yield* app.newUser()]
      const organization_id = yield* newOrganization(owner)
      const members = `/v1/organizations/${organization_id}/members`
      const add = (user_id: string) => app.request("POST", members, { token: owner.token, body: { user_id } })
      yield* add(member.id)
      const foreign = yield* app.request("POST", path, {
        token: other.token,
        body: { name: "a", organization_id },
      })
      expect([foreign.status, foreign.at("error.code")]).toEqual([404, "ORGANIZATION_NOT_FOUND"])
      const channel = yield* newChannel(member, { organization_id })
      expect(yield* statusesOf([owner, other], "GET", channel)).toEqual([200, 404])
      const refused = yield* join(channel, other, member)
      expect([refused.status, refused.at("error.code")]).toEqual([422, "NOT_IN_ORGANIZATION"])
      const filtered = yield* app.request("GET", `${path}?organization_id=${organization_id}`, {
        token: owner.token,
      })
      expect(filtered.json).toMatchObject({ pagination: { total: 1 } })

      const removed = yield* app.request("DELETE", `${members}/${member.id}`, { token: owner.token })
      expect(removed.status).toBe(204)
      expect((yield* app.request("GET", channel, { token: member.token })).status).toBe(404)
      expect((yield* app.request("GET", channel, { token: owner.token })).json).toMatchObject({
        data: { role: "owner" },
      })
      yield* app.request("DELETE", `/v1/organizations/${organization_id}`, { token: owner.token })
      expect((yield* app.request("GET", channel, { token: owner.token })).status).toBe(404)
    }),
  )
})
