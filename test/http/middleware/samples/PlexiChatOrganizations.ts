import { Effect } from "effect"
import { App, type TestUser } from "../../../support/App"
import { registerExample } from "./Organizations"
import type { Sample } from "./Sample"

const newOrganization = ({ token }: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const body = { name: "Analytical Engines" }
    return (yield* app.request("POST", "/v1/organizations", { token, body })).at("data.id")
  })

const newMember = (owner: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const organization = yield* newOrganization(owner)
    const { id } = yield* app.newUser()
    const path = `/v1/organizations/${organization}/members`
    yield* app.request("POST", path, { token: owner.token, body: { user_id: id } })
    return [organization, id]
  })

export const plexiChatOrganizations: Readonly<Record<string, Sample>> = {
  v1CreateOrganization: { nullable: ["logo_url"] },
  v1GetOrganization: { ids: newOrganization },
  v1UpdateOrganization: { nullable: ["logo_url"], ids: newOrganization },
  v1DeleteOrganization: { ids: newOrganization },
  v1ListOrganizationMembers: { ids: newOrganization },
  v1AddOrganizationMember: { ids: (owner) => Effect.zipRight(registerExample, newOrganization(owner)) },
  v1RemoveOrganizationMember: { ids: newMember },
}
