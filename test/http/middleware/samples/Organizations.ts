import { Effect } from "effect"
import { App, type TestUser } from "../../../support/App"
import type { Sample } from "./Sample"

const newOrganization = ({ token }: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const body = { name: "Analytical Engines" }
    return (yield* app.request("POST", "/api/organizations", { token, body })).at("organization.id")
  })

/** Registers the account that the documented example adds; it may exist already. */
export const registerExample = Effect.gen(function* () {
  const app = yield* App
  const body = { email: "grace@example.com", password: "SecurePass123!", name: "Grace" }
  yield* app.request("POST", "/api/auth/register", { body })
})

const newMember = (owner: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const organization = yield* newOrganization(owner)
    const { id, email } = yield* app.newUser()
    const path = `/api/organizations/${organization}/members`
    yield* app.request("POST", path, { token: owner.token, body: { email } })
    return [organization, id]
  })

const invite = (owner: TestUser, email: string) =>
  Effect.gen(function* () {
    const app = yield* App
    const organization = yield* newOrganization(owner)
    const path = `/api/organizations/${organization}/invites`
    return [
      organization,
      (yield* app.request("POST", path, { token: owner.token, body: { email } })).at("invite.id"),
    ]
  })

/** Creates an invite for this user, by another one. */
const invited = ({ email }: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const [, id] = yield* invite(yield* app.newUser(), email)
    return id ?? ""
  })

export const organizations: Readonly<Record<string, Sample>> = {
  createOrganization: { nullable: ["logo"] },
  getOrganization: { ids: newOrganization },
  updateOrganization: { nullable: ["logo"], ids: newOrganization },
  deleteOrganization: { ids: newOrganization },
  listOrganizationMembers: { ids: newOrganization },
  addOrganizationMember: { ids: (owner) => Effect.zipRight(registerExample, newOrganization(owner)) },
  updateOrganizationMember: { ids: newMember },
  removeOrganizationMember: { ids: newMember },
  createInvite: { ids: newOrganization },
  cancelInvite: { ids: (owner) => invite(owner, "grace@example.com") },
  acceptInvite: { ids: invited },
  rejectInvite: { ids: invited },
}
