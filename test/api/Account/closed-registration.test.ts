import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"

const password = "SecurePass123!"

/** Registers an account through each contract that can. */
const registrations = (name: string) =>
  Effect.flatMap(App, ({ request }) => {
    const email = (contract: string) => `${name}-${contract}@example.com`
    return Effect.all({
      Account: request("POST", "/api/auth/register", {
        body: { email: email("account"), password, display_name: "Ada" },
      }),
      ChatGuide: request("POST", "/api/auth/signup", {
        body: { email: email("guide"), password, fullName: "Ada" },
      }),
      PlexiChat: request("POST", "/v1/auth/register", {
        body: { email: email("plexi"), password, username: `${name}.plexi` },
      }),
    })
  })

layer(Server.layer({ REGISTRATION: "closed" }))("Closed registration", (it) => {
  it.live("rejects registrations in the format of each contract", () =>
    Effect.gen(function* () {
      const { Account, ChatGuide, PlexiChat } = yield* registrations("stranger")
      const message = "Registration is closed on this server, except for invited email addresses."
      const code = "REGISTRATION_CLOSED"
      expect([Account.status, Account.json]).toMatchObject([403, { error: message, code }])
      expect([ChatGuide.status, ChatGuide.json]).toMatchObject([403, { message, code, statusCode: 403 }])
      expect([PlexiChat.status, PlexiChat.json]).toMatchObject([
        403,
        { success: false, error: { code, message } },
      ])
    }),
  )

  it.live("lets invited addresses register through each contract, until the invite is cancelled", () =>
    Effect.gen(function* () {
      const { request, newAdmin } = yield* App
      const { token } = yield* newAdmin()
      const organization = yield* request("POST", "/api/organizations", { token, body: { name: "Lab" } })
      const invites = `/api/organizations/${organization.at("organization.id")}/invites`
      const invite = (email: string) => request("POST", invites, { token, body: { email, role: "member" } })
      yield* Effect.forEach(["account", "guide", "plexi"], (name) => invite(`guest-${name}@example.com`))
      const { Account, ChatGuide, PlexiChat } = yield* registrations("guest")
      expect([Account.status, ChatGuide.status, PlexiChat.status]).toEqual([201, 201, 201])

      const cancelled = (yield* invite("late@example.com")).at("invite.id")
      yield* request("DELETE", `${invites}/${cancelled}`, { token })
      const late = yield* request("POST", "/api/auth/register", {
        body: { email: "late@example.com", password, display_name: "Ada" },
      })
      expect(late.status).toBe(403)
    }),
  )
})
