import { SqlClient } from "@effect/sql"
import { DateTime, Effect } from "effect"
import type { Actor } from "../shared/Actor"
import { withTransaction } from "../shared/Transaction"
import { Memberships } from "./Memberships"
import { ScopeNotFound } from "./Memberships/Errors"
import { type NewTeam, type Team, type TeamChange, TeamId, teamScope } from "./Teams/Model"
import { TeamsRepo } from "./Teams/Repo"

/** Manages teams. Who belongs to them, and deleting them, is up to `Memberships`. */
export class Teams extends Effect.Service<Teams>()("Teams", {
  dependencies: [TeamsRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* TeamsRepo
    const memberships = yield* Memberships

    /** Lists the teams that the actor is a member of, newest first. */
    const list = Effect.fn("Teams.list")(repo.list)

    /** Creates a team that the actor owns. */
    const create = Effect.fn("Teams.create")(function* (actor: Actor, input: NewTeam) {
      const team: Team = {
        id: TeamId.make(yield* memberships.create(actor, "team")),
        name: input.name,
        description: input.description ?? null,
        ownerId: actor.userId,
        createdAt: yield* DateTime.nowAsDate,
      }
      yield* repo.insert(team)
      return team
    }, transaction)

    /** Returns a team with its members. Requires a member. */
    const get = Effect.fn("Teams.get")(function* (actor: Actor, id: TeamId) {
      const { items: members } = yield* memberships.list(actor, teamScope(id))
      const team = yield* Effect.mapError(yield* repo.find(id), () => new ScopeNotFound(teamScope(id)))
      return { ...team, members }
    })

    /** Updates the provided fields; a `description` of null removes it. Requires an owner. */
    const update = Effect.fn("Teams.update")(function* (actor: Actor, id: TeamId, change: TeamChange) {
      yield* memberships.authorize(actor, teamScope(id), "update")
      const team = yield* repo.update(id, change, yield* DateTime.nowAsDate)
      return yield* Effect.mapError(team, () => new ScopeNotFound(teamScope(id)))
    }, transaction)

    return { list, create, get, update }
  }),
}) {}
