import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App, type TestResponse, type TestUser } from "../../support/App"
import { layer } from "../../support/it"

const path = "/api/organizations"
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

const newOrganization = ({ token }: TestUser, name = "Engines") =>
  Effect.gen(function* () {
    const app = yield* App
    const created = yield* app.request("POST", path, { token, body: { name } })
    const url = `${path}/${created.at("organization.id")}`
    const members = `${url}/members`
    return {
      slug: created.at("organization.slug"),
      url,
      members,
      add: ({ token }: TestUser, body: { readonly email: string; readonly role?: string }) =>
        app.request("POST", members, { token, body }),
      changeRole: ({ token }: TestUser, { id }: TestUser, role: string) =>
        app.request("PUT", `${members}/${id}`, { token, body: { role } }),
      remove: ({ token }: TestUser, { id }: TestUser) => app.request("DELETE", `${members}/${id}`, { token }),
    }
  })

const statuses = (responses: ReadonlyArray<TestResponse>) => responses.map(({ status }) => status)

/** Sends requests at the same time. Returns their sorted statuses. */
const race = (requests: ReadonlyArray<Effect.Effect<TestResponse>>) =>
  Effect.map(Effect.all(requests, { concurrency: "unbounded" }), (responses) => statuses(responses).sort())

layer(Server.layer())("Organizations", (it) => {
  it.live("creates, lists, gets, updates and deletes organizations by id and by slug", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      const body = { name: "Änalytical  Engines & Co.", logo: "https://example.com/logo.png" }
      const created = yield* app.request("POST", path, { token, body })
      const organization = {
        ...body,
        id: created.at("organization.id"),
        slug: "analytical-engines-co",
        role: "owner",
        createdAt: time,
        updatedAt: time,
      }
      expect([created.status, created.json]).toEqual([201, { organization }])

      const second = yield* app.request("POST", path, { token, body: { name: "Rest" } })
      expect(second.json).toMatchObject({ organization: { name: "Rest", logo: null } })
      const listed = yield* app.request("GET", `${path}?limit=1&offset=1`, { token })
      const range = { total: 2, limit: 1, offset: 1, hasMore: false }
      expect([listed.status, listed.json]).toEqual([200, { organizations: [organization], ...range }])

      for (const key of [organization.id, organization.slug]) {
        const got = yield* app.request("GET", `${path}/${key}`, { token })
        expect([got.status, got.json]).toEqual([200, { organization }])
      }
      const change = { name: "Difference Engines", logo: null }
      const updated = yield* app.request("PUT", `${path}/${organization.slug}`, { token, body: change })
      expect([updated.status, updated.json]).toEqual([200, { organization: { ...organization, ...change } }])
      const unchanged = yield* app.request("PUT", `${path}/${organization.id}`, { token, body: {} })
      expect(unchanged.json).toEqual({ organization: { ...organization, ...change } })

      const deleted = yield* app.request("DELETE", `${path}/${organization.slug}`, { token })
      expect([deleted.status, deleted.json]).toEqual([200, { success: true }])
      const again = yield* app.request("GET", `${path}/${organization.id}`, { token })
      expect([again.status, again.at("code")]).toEqual([404, "ORGANIZATION_NOT_FOUND"])
    }),
  )

  it.live("numbers slugs that are taken, reserved, or look like an id, also when created at once", () =>
    Effect.gen(function* () {
      const app = yield* App
      const owner = yield* app.newUser()
      const slug = (name: string) => Effect.map(newOrganization(owner, name), (created) => created.slug)
      const same = yield* Effect.all(
        Array.from({ length: 4 }, () => slug("Same")),
        { concurrency: "unbounded" },
      )
      expect(same.sort()).toEqual(["same", "same-2", "same-3", "same-4"])
      const id = "019bc0f1-2d05-7c3a-9d52-3e7a9b2c5d66"
      const names = ["Same 2", "Invites", id, "北京"]
      expect(yield* Effect.forEach(names, slug)).toEqual(["same-2-2", "invites-2", `${id}-2`, "organization"])
      const { token } = owner
      expect((yield* app.request("GET", `${path}/same%00`, { token })).status).toBe(404)
    }),
  )

  it.live("adds members once, lists them, changes their roles and removes them", () =>
    Effect.gen(function* () {
      const app = yield* App
      const owner = yield* app.newUser({ name: "Ada" })
      const user = yield* app.newUser({ name: "Grace" })
      const { members, add, changeRole, remove } = yield* newOrganization(owner)
      const added = yield* add(owner, { email: user.email })
      const member = {
        userId: user.id,
        name: "Grace",
        email: user.email,
        avatar: null,
        role: "member",
        joinedAt: time,
      }
      expect([added.status, added.json]).toEqual([201, { member }])
      const listed = yield* app.request("GET", members, { token: user.token })
      expect([listed.status, listed.json]).toEqual([
        200,
        {
          members: [{ ...member, userId: owner.id, name: "Ada", email: owner.email, role: "owner" }, member],
          total: 2,
          limit: 20,
          offset: 0,
          hasMore: false,
        },
      ])
      const changed = yield* changeRole(owner, user, "admin")
      expect([changed.status, changed.json]).toEqual([200, { member: { ...member, role: "admin" } }])
      const rejected = yield* Effect.all([
        add(owner, { email: user.email }),
        add(owner, { email: "nobody@example.com" }),
        add(owner, { email: "nobody" }),
        add(owner, { email: "nobody@example.com", role: "editor" }),
        changeRole(owner, user, "viewer"),
      ])
      expect(rejected.map((response) => [response.status, response.at("code")])).toEqual([
        [409, "ALREADY_MEMBER"],
        [404, "USER_NOT_FOUND"],
        [400, "VALIDATION_ERROR"],
        [400, "VALIDATION_ERROR"],
        [400, "VALIDATION_ERROR"],
      ])
      const removed = yield* remove(owner, user)
      expect([removed.status, removed.json]).toEqual([200, { success: true }])
      expect((yield* app.request("GET", members, { token: user.token })).status).toBe(404)
    }),
  )

  it.live("permits each role what the contract says, and hides the organization from others", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, admin, member, other] = yield* Effect.all([
        app.newUser(),
        app.newUser(),
        app.newUser(),
        app.newUser(),
      ])
      const { url, members, add, changeRole, remove } = yield* newOrganization(owner)
      yield* add(owner, { email: admin.email, role: "admin" })
      yield* add(admin, { email: member.email })
      const attempts = (user: TestUser) => [
        app.request("GET", url, { token: user.token }),
        app.request("GET", members, { token: user.token }),
        app.request("PUT", url, { token: user.token, body: { name: "Ours" } }),
        add(user, { email: other.email, role: "owner" }),
        changeRole(user, owner, "member"),
        changeRole(user, member, "owner"),
        remove(user, owner),
        app.request("DELETE", url, { token: user.token }),
      ]
      expect(statuses(yield* Effect.all(attempts(other)))).toEqual([404, 404, 404, 404, 404, 404, 404, 404])
      expect(statuses(yield* Effect.all(attempts(member)))).toEqual([200, 200, 403, 403, 403, 403, 403, 403])
      expect(statuses(yield* Effect.all(attempts(admin)))).toEqual([200, 200, 200, 403, 403, 403, 403, 403])
      expect(statuses(yield* Effect.all([remove(owner, owner), changeRole(owner, owner, "admin")]))).toEqual([
        409, 409,
      ])
      expect(statuses(yield* Effect.all([remove(member, member), remove(owner, member)]))).toEqual([200, 404])
    }),
  )

  it.live("adds a member once and keeps an owner when two ask at the same time", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, second] = yield* Effect.all([app.newUser(), app.newUser()])
      const { url, add, remove, changeRole } = yield* newOrganization(owner)
      const adding = add(owner, { email: second.email, role: "owner" })
      expect(yield* race([adding, adding])).toEqual([201, 409])
      expect(yield* race([remove(owner, owner), changeRole(second, second, "member")])).toEqual([200, 409])
      const last = (yield* app.request("GET", url, { token: owner.token })).status === 200 ? owner : second
      const deletion = app.request("DELETE", url, { token: last.token })
      expect(yield* race([deletion, deletion])).toEqual([200, 404])
    }),
  )
})
