import { Effect } from "effect"
import { App, type TestUser } from "../../../support/App"
import type { Sample } from "./Sample"

const newTeam = ({ token }: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    return (yield* app.request("POST", "/api/teams", { token, body: { name: "Engineers" } })).at("id")
  })

/** Registers the account that the documented example adds; it may exist already. */
const registerExample = Effect.gen(function* () {
  const app = yield* App
  const body = { email: "member@example.com", password: "SecurePass123!", name: "Member" }
  yield* app.request("POST", "/api/auth/register", { body })
})

const newMember = (owner: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const team = yield* newTeam(owner)
    const { id, email } = yield* app.newUser()
    yield* app.request("POST", `/api/teams/${team}/members`, { token: owner.token, body: { email } })
    return [team, id]
  })

export const teams: Readonly<Record<string, Sample>> = {
  createTeam: { nullable: ["description"] },
  getTeam: { ids: newTeam },
  updateTeam: { nullable: ["description"], ids: newTeam },
  deleteTeam: { ids: newTeam },
  listTeamMembers: { ids: newTeam },
  addTeamMember: { ids: (owner) => Effect.zipRight(registerExample, newTeam(owner)) },
  removeTeamMember: { ids: newMember },
}
