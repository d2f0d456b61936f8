import { Schema } from "effect"
import { UserId } from "../../shared/Actor"
import { Uuid } from "../../shared/Ids"
import { MultilineText, SingleLineText } from "../../shared/Text"
import { RoleIn, type Scope, ScopeId } from "../Memberships/Model"

export const TeamId = ScopeId.pipe(Schema.brand("TeamId"))
export type TeamId = typeof TeamId.Type

/** Returns the scope of a team's members. */
export const teamScope = (id: TeamId): Scope<"team"> => ({ kind: "team", id })

/** Schemas of the fields that a user provides. */
export const TeamFields = {
  name: SingleLineText(1, 200),
  description: Schema.NullOr(MultilineText(0, 2000)),
}

export const Team = Schema.Struct({
  id: TeamId,
  name: Schema.String,
  description: Schema.NullOr(Schema.String),
  /** The owner who has been one for longest. */
  ownerId: UserId,
  createdAt: Schema.DateFromSelf,
})
export type Team = typeof Team.Type

/** A team with its members in the order in which they joined. */
export const TeamWithMembers = Schema.Struct({
  ...Team.fields,
  members: Schema.Array(Schema.Struct({ id: Uuid, userId: UserId, role: RoleIn("team") })),
})

export type NewTeam = Pick<Team, "name"> & Partial<Pick<Team, "description">>
export type TeamChange = Partial<Pick<Team, "name" | "description">>
