import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Layer, Queue } from "effect"
import * as Server from "../../support/App"
import { App, type TestResponse, type TestUser } from "../../support/App"
import { layer, it as standalone } from "../../support/it"
import { startMailServer } from "../../support/MailServer"

const path = "/api/organizations"
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

const newOrganization = (owner: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const created = yield* app.request("POST", path, { token: owner.token, body: { name: "Engines" } })
    const id = created.at("organization.id")
    const invites = `${path}/${id}/invites`
    return {
      id,
      invite: ({ token }: TestUser, { email }: { readonly email: string }, role?: string) =>
        app.request("POST", invites, { token, body: { email, role } }),
      cancel: ({ token }: TestUser, invite: string) =>
        app.request("DELETE", `${invites}/${invite}`, { token }),
    }
  })

const answer = ({ token }: TestUser, invite: string, how: "accept" | "reject") =>
  Effect.flatMap(App, (app) => app.request("POST", `${path}/invites/${invite}/${how}`, { token }))

const list = ({ token }: TestUser) =>
  Effect.flatMap(App, (app) => app.request("GET", `${path}/invites`, { token }))

const outcome = (response: TestResponse) =>
  response.status < 400 ? [response.status] : [response.status, response.at("code")]

/** Sends requests at the same time. Returns their sorted statuses. */
const race = <R>(requests: ReadonlyArray<Effect.Effect<TestResponse, never, R>>) =>
  Effect.map(Effect.all(requests, { concurrency: "unbounded" }), (responses) =>
    responses.map(({ status }) => status).sort(),
  )

layer(Server.layer())("Invites", (it) => {
  it.live("invites an address, lists the invite for its account alone, and makes it a member", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, invitee, other] = yield* Effect.all([app.newUser(), app.newUser(), app.newUser()])
      const organization = yield* newOrganization(owner)
      const created = yield* organization.invite(owner, { email: invitee.email.toUpperCase() }, "admin")
      const invite = {
        id: created.at("invite.id"),
        organizationId: organization.id,
        organizationName: "Engines",
        email: invitee.email,
        role: "admin",
        status: "pending",
        invitedBy: owner.id,
        createdAt: time,
        expiresAt: time,
      }
      expect([created.status, created.json]).toEqual([201, { invite }])
      const lifetime = Date.parse(created.at("invite.expiresAt")) - Date.parse(created.at("invite.createdAt"))
      expect(lifetime).toBe(7 * 24 * 60 * 60 * 1000)

      const range = { limit: 20, offset: 0, hasMore: false }
      expect((yield* list(invitee)).json).toEqual({ invites: [invite], total: 1, ...range })
      expect((yield* list(other)).json).toEqual({ invites: [], total: 0, ...range })
      expect(outcome(yield* answer(other, invite.id, "accept"))).toEqual([404, "INVITE_NOT_FOUND"])
      expect(outcome(yield* answer(owner, invite.id, "reject"))).toEqual([404, "INVITE_NOT_FOUND"])

      const accepted = yield* answer(invitee, invite.id, "accept")
      expect([accepted.status, accepted.json]).toMatchObject([
        200,
        { organization: { id: organization.id, name: "Engines", role: "admin" } },
      ])
      expect(outcome(yield* answer(invitee, invite.id, "accept"))).toEqual([409, "INVITE_NOT_PENDING"])
      expect(outcome(yield* organization.cancel(owner, invite.id))).toEqual([409, "INVITE_NOT_PENDING"])
      expect(outcome(yield* organization.invite(owner, invitee))).toEqual([409, "ALREADY_MEMBER"])
      expect((yield* list(invitee)).json).toMatchObject({ total: 0 })
    }),
  )

  it.live(
    "ends an invite that is rejected, cancelled or expired, after which the address can be invited again",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const sql = yield* SqlClient.SqlClient
        const [owner, invitee] = yield* Effect.all([app.newUser(), app.newUser()])
        const organization = yield* newOrganization(owner)
        const expire = (id: string) =>
          Effect.orDie(sql`update invites set expires_at = created_at where id = ${id}`)
        const endings = [
          (id: string) => Effect.map(answer(invitee, id, "reject"), ({ json }) => json),
          (id: string) => Effect.map(organization.cancel(owner, id), ({ json }) => json),
          (id: string) => Effect.as(expire(id), { success: true }),
        ]
        for (const end of endings) {
          const id = (yield* organization.invite(owner, invitee)).at("invite.id")
          expect(outcome(yield* organization.invite(owner, invitee))).toEqual([409, "ALREADY_INVITED"])
          expect(yield* end(id)).toEqual({ success: true })
          expect((yield* list(invitee)).json).toMatchObject({ total: 0 })
          for (const attempt of [
            answer(invitee, id, "accept"),
            answer(invitee, id, "reject"),
            organization.cancel(owner, id),
          ])
            expect(outcome(yield* attempt)).toEqual([409, "INVITE_NOT_PENDING"])
        }
        expect((yield* organization.invite(owner, invitee)).status).toBe(201)
      }),
  )

  it.live("hides invites from an account whose address is not verified", () =>
    Effect.gen(function* () {
      const app = yield* App
      const sql = yield* SqlClient.SqlClient
      const [owner, invitee] = yield* Effect.all([app.newUser(), app.newUser()])
      const organization = yield* newOrganization(owner)
      const id = (yield* organization.invite(owner, invitee)).at("invite.id")
      yield* Effect.orDie(sql`update users set email_verified_at = null where id = ${invitee.id}`)
      expect((yield* list(invitee)).json).toMatchObject({ total: 0 })
      expect(outcome(yield* answer(invitee, id, "accept"))).toEqual([404, "INVITE_NOT_FOUND"])
      yield* Effect.orDie(sql`update users set email_verified_at = now() where id = ${invitee.id}`)
      expect((yield* answer(invitee, id, "accept")).status).toBe(200)
    }),
  )

  it.live("lets owners and admins invite up to their own role and cancel, and hides unknown invites", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, admin, member, other] = yield* Effect.all([
        app.newUser(),
        app.newUser(),
        app.newUser(),
        app.newUser(),
      ])
      const organization = yield* newOrganization(owner)
      for (const [user, role] of [
        [admin, "admin"],
        [member, "member"],
      ] as const)
        yield* answer(user, (yield* organization.invite(owner, user, role)).at("invite.id"), "accept")
      const id = (yield* organization.invite(admin, other, "admin")).at("invite.id")
      const elsewhere = yield* newOrganization(other)
      const guest = { email: "guest@example.com" }
      const outcomes = yield* Effect.forEach(
        [
          organization.invite(admin, guest, "owner"),
          organization.invite(member, guest),
          organization.cancel(member, id),
          organization.invite(other, guest),
          organization.cancel(other, id),
          elsewhere.cancel(other, id),
          organization.cancel(owner, "unknown"),
          answer(other, "unknown", "accept"),
          organization.invite(owner, { email: "nobody" }),
          organization.invite(owner, guest, "editor"),
          organization.cancel(admin, id),
        ],
        (request) => Effect.map(request, outcome),
      )
      expect(outcomes).toEqual([
        [403, "FORBIDDEN"],
        [403, "FORBIDDEN"],
        [403, "FORBIDDEN"],
        [404, "ORGANIZATION_NOT_FOUND"],
        [404, "ORGANIZATION_NOT_FOUND"],
        [404, "INVITE_NOT_FOUND"],
        [404, "INVITE_NOT_FOUND"],
        [404, "INVITE_NOT_FOUND"],
        [400, "VALIDATION_ERROR"],
        [400, "VALIDATION_ERROR"],
        [200],
      ])
    }),
  )

  it.live("creates one invite, and accepts it once, when two ask at the same time", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, invitee] = yield* Effect.all([app.newUser(), app.newUser()])
      const organization = yield* newOrganization(owner)
      const inviting = organization.invite(owner, invitee)
      expect(yield* race([inviting, inviting])).toEqual([201, 409])
      const id = (yield* list(invitee)).at("invites.0.id")
      const accepting = answer(invitee, id, "accept")
      expect(yield* race([accepting, accepting])).toEqual([200, 409])

      const members = `${path}/${organization.id}/members`
      const listed = yield* app.request("GET", members, { token: owner.token })
      expect(listed.json).toMatchObject({ total: 2 })
      yield* app.request("DELETE", `${members}/${invitee.id}`, { token: owner.token })
      const next = (yield* organization.invite(owner, invitee)).at("invite.id")
      expect(
        yield* race([
          answer(invitee, next, "accept"),
          answer(invitee, next, "reject"),
          organization.cancel(owner, next),
        ]),
      ).toEqual([200, 409, 409])
    }),
  )
})

standalone.live("mails an invitation with a link to the front end at PUBLIC_URL", () =>
  Effect.gen(function* () {
    const { url, mails } = yield* startMailServer()
    const server = Server.layer({ SMTP_URL: url, PUBLIC_URL: "https://chat.example.com/app" })
    yield* Effect.gen(function* () {
      const app = yield* App
      const owner = yield* app.newUser({ name: "Ada" })
      const organization = yield* newOrganization(owner)
      const invite = yield* organization.invite(owner, { email: "guest@example.com" })
      // The owner is asked to verify their own address, too.
      const mail = yield* Effect.repeat(Queue.take(mails), {
        until: ({ to }) => to?.[0]?.address !== owner.email,
      })
      expect(mail).toMatchObject({
        from: { address: "parley@chat.example.com" },
        to: [{ address: "guest@example.com" }],
        subject: "Ada invites you to Engines",
      })
      expect(mail.text).toContain(`https://chat.example.com/invites/${invite.at("invite.id")}\n`)
    }).pipe(Effect.provide(Layer.fresh(server)))
  }),
)
