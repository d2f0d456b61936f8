import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"

const path = "/api/teams"
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

const newTeam = (owner: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const created = yield* app.request("POST", path, { token: owner.token, body: { name: "Engineers" } })
    const url = `${path}/${created.at("id")}`
    const add = ({ token }: TestUser, body: { readonly email: string; readonly role?: string }) =>
      app.request("POST", `${url}/members`, { token, body })
    const remove = ({ token }: TestUser, { id }: TestUser) =>
      app.request("DELETE", `${url}/members/${id}`, { token })
    return { url, add, remove }
  })

layer(Server.layer())("Teams", (it) => {
  it.live("creates, lists, gets, updates and deletes teams as the contract documents", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token, id: ownerId, email } = yield* app.newUser({ name: "John Doe" })
      const body = { name: "Engineering Team", description: "Main engineering team" }
      const created = yield* app.request("POST", path, { token, body })
      const team = { ...body, id: created.at("id"), ownerId, createdAt: time }
      expect([created.status, created.json]).toEqual([201, team])

      const second = yield* app.request("POST", path, { token, body: { name: "Rest" } })
      expect(second.json).toMatchObject({ name: "Rest", description: null })
      const members = [{ id: expect.any(String), userId: ownerId, role: "owner" }]
      const listed = yield* app.request("GET", path, { token })
      expect([listed.status, listed.json]).toEqual([
        200,
        [
          { ...Object(second.json), members },
          { ...team, members },
        ],
      ])

      const user = { id: ownerId, name: "John Doe", email }
      const fullMembers = [{ ...members[0], teamId: team.id, user }]
      const got = yield* app.request("GET", `${path}/${team.id}`, { token })
      expect([got.status, got.json]).toEqual([200, { ...team, members: fullMembers }])
      const listedMembers = yield* app.request("GET", `${path}/${team.id}/members`, { token })
      expect([listedMembers.status, listedMembers.json]).toEqual([200, fullMembers])

      const change = { name: "Updated Team Name", description: null }
      const updated = yield* app.request("PUT", `${path}/${team.id}`, { token, body: change })
      expect([updated.status, updated.json]).toEqual([200, { ...team, ...change }])
      const unchanged = yield* app.request("PUT", `${path}/${team.id}`, { token, body: {} })
      expect(unchanged.json).toEqual(updated.json)

      const deleted = yield* app.request("DELETE", `${path}/${team.id}`, { token })
      expect([deleted.status, deleted.text]).toEqual([204, ""])
      const again = yield* app.request("GET", `${path}/${team.id}`, { token })
      expect([again.status, again.at("code")]).toEqual([404, "TEAM_NOT_FOUND"])
    }),
  )

  it.live("adds an existing account once and reports unknown and malformed addresses and roles", () =>
    Effect.gen(function* () {
      const app = yield* App
      const owner = yield* app.newUser()
      const member = yield* app.newUser({ name: "Member" })
      const { url, add } = yield* newTeam(owner)
      const added = yield* add(owner, { email: ` ${member.email.toUpperCase()} ` })
      const { status, json } = yield* app.request("GET", `${url}/members`, { token: member.token })
      expect([added.status, status]).toEqual([201, 200])
      expect(added.json).toEqual(Object(json)[1])
      expect(added.json).toMatchObject({ userId: member.id, role: "member", user: { name: "Member" } })
      const attempts = [
        { email: member.email, role: "admin" },
        { email: "nobody@example.com" },
        { email: "nobody" },
        { email: "nobody@example.com", role: "owner" },
        { email: "nobody@example.com", role: "editor" },
      ]
      const rejected = yield* Effect.forEach(attempts, (attempt) => add(owner, attempt))
      expect(rejected.map((response) => [response.status, response.at("code")])).toEqual([
        [400, "ALREADY_MEMBER"],
        [404, "USER_NOT_FOUND"],
        [400, "VALIDATION_ERROR"],
        [400, "VALIDATION_ERROR"],
        [400, "VALIDATION_ERROR"],
      ])
    }),
  )

  it.live("lets only the owner update and delete, admins manage members, and members leave", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, admin, member, other] = yield* Effect.all([
        app.newUser(),
        app.newUser(),
        app.newUser(),
        app.newUser(),
      ])
      const { url, add, remove } = yield* newTeam(owner)
      yield* add(owner, { email: admin.email, role: "admin" })
      yield* add(admin, { email: member.email, role: "member" })
      const update = ({ token }: TestUser) => app.request("PUT", url, { token, body: { name: "Ours" } })
      const deletion = ({ token }: TestUser) => app.request("DELETE", url, { token })
      const statuses = yield* Effect.forEach(
        [
          ...[admin, member].flatMap((user) => [update(user), deletion(user), remove(user, owner)]),
          add(member, { email: other.email }),
          remove(member, admin),
          remove(owner, other),
          remove(owner, owner),
          ...[update(other), deletion(other), remove(other, member), add(other, { email: other.email })],
          remove(member, member),
          remove(owner, admin),
          add(owner, { email: member.email }),
        ],
        (request) => Effect.map(request, ({ status }) => status),
      )
      expect(statuses).toEqual([
        ...[403, 403, 403, 403, 403, 403],
        ...[403, 403, 404, 409],
        ...[404, 404, 404, 404],
        ...[204, 204, 201],
      ])
    }),
  )

  it.live("adds a member once and deletes a team once when two ask at the same time", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, member] = yield* Effect.all([app.newUser(), app.newUser()])
      const { url, add } = yield* newTeam(owner)
      const twice = (request: ReturnType<typeof add>) =>
        Effect.map(Effect.all([request, request], { concurrency: 2 }), (responses) =>
          responses.map(({ status }) => status).sort(),
        )
      expect(yield* twice(add(owner, { email: member.email }))).toEqual([201, 400])
      expect(yield* twice(app.request("DELETE", url, { token: owner.token }))).toEqual([204, 404])
    }),
  )
})
