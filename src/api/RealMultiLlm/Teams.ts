import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { Memberships } from "../../domain/identity/Memberships"
import { type Member, RoleIn } from "../../domain/identity/Memberships/Model"
import { Teams } from "../../domain/identity/Teams"
import { TeamFields, TeamId, teamScope } from "../../domain/identity/Teams/Model"
import { Email } from "../../domain/identity/Users/Model"
import { UserId } from "../../domain/shared/Actor"
import { Uuid } from "../../domain/shared/Ids"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { encodeOnly, Fields, optional, renamed } from "../../http/Fields"
import { defineResource } from "../../http/Resource"
import { errors } from "./Errors"

const teamExample = {
  id: "019bc0f1-2d03-7c3a-9d52-6b0e4d1f8a22",
  name: "Engineering Team",
  description: "Main engineering team",
  ownerId: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
  createdAt: "2026-01-15T10:30:00.000Z",
}

const memberExample = {
  id: "019bc0f1-2d04-7c3a-9d52-8c5d2e9b7f41",
  userId: teamExample.ownerId,
  role: "owner",
}

const fullMemberExample = {
  ...memberExample,
  teamId: teamExample.id,
  user: { id: memberExample.userId, name: "John Doe", email: "john@example.com" },
}

const teamFields = {
  id: TeamId,
  name: Schema.String,
  description: Schema.NullOr(Schema.String),
  ownerId: UserId,
  createdAt: Schema.Date,
}

const Team = Schema.Struct(teamFields).annotations({
  identifier: "Team",
  description: "The team",
  ...example(teamExample),
})

const role = RoleIn("team")

const ListedTeam = Schema.Struct({
  ...teamFields,
  members: Schema.Array(Schema.Struct({ id: Uuid, userId: UserId, role })),
}).annotations({ identifier: "ListedTeam", ...example({ ...teamExample, members: [memberExample] }) })

const TeamMember = encodeOnly(
  Schema.Struct({
    id: Uuid.annotations({ description: "The id of the membership" }),
    userId: UserId,
    teamId: Schema.String,
    role,
    user: Schema.Struct({ id: UserId, name: Schema.String, email: Schema.String }),
  }).annotations({ identifier: "TeamMember", ...example(fullMemberExample) }),
  ({ scopeId, userId, name, email, ...member }: Member<"team">) => ({
    ...member,
    userId,
    teamId: scopeId,
    user: { id: userId, name, email },
  }),
).annotations({ description: "The member" })

const TeamDetails = Schema.Struct({ ...teamFields, members: Schema.Array(TeamMember) }).annotations({
  identifier: "TeamDetails",
  description: "The team with its members",
  ...example({ ...teamExample, members: [fullMemberExample] }),
})

const name = { description: "The name" }
const description = { description: "What the team is for; null for nothing" }

const id = HttpApiSchema.param(
  "id",
  TeamId.annotations({ description: "The team's id", ...example(teamExample.id) }),
)
const userId = HttpApiSchema.param(
  "userId",
  UserId.annotations({ description: "The member's user id", ...example(memberExample.userId) }),
)

const endpoints = HttpApiGroup.make("teams")
  .add(
    HttpApiEndpoint.get("listTeams", "/api/teams")
      .addSuccess(Schema.Array(ListedTeam).annotations({ description: "All teams of the user" }))
      .annotate(OpenApi.Summary, "List teams")
      .annotate(OpenApi.Description, "Returns all teams that the user is a member of, newest first."),
  )
  .add(
    HttpApiEndpoint.post("createTeam", "/api/teams")
      .setPayload(
        Fields({
          name: Schema.propertySignature(TeamFields.name).annotations(name),
          description: optional(TeamFields.description).annotations(description),
        }).annotations(example({ name: teamExample.name, description: teamExample.description })),
      )
      .addSuccess(Team, { status: 201 })
      .annotate(OpenApi.Summary, "Create a team")
      .annotate(OpenApi.Description, "Creates a team that the user owns."),
  )
  .add(
    HttpApiEndpoint.get("getTeam")`/api/teams/${id}`
      .addSuccess(TeamDetails)
      .addError(errors.TeamNotFound)
      .annotate(OpenApi.Summary, "Get a team")
      .annotate(OpenApi.Description, "Returns a team that the user is a member of, with its members."),
  )
  .add(
    HttpApiEndpoint.put("updateTeam")`/api/teams/${id}`
      .setPayload(
        Fields({
          name: optional(TeamFields.name).annotations(name),
          description: optional(TeamFields.description).annotations(description),
        }).annotations(example({ name: "Updated Team Name", description: "Updated description" })),
      )
      .addSuccess(Team)
      .addError(errors.NotPermitted)
      .addError(errors.TeamNotFound)
      .annotate(OpenApi.Summary, "Update a team")
      .annotate(OpenApi.Description, "Updates the fields that are present. Only the owner may."),
  )
  .add(
    HttpApiEndpoint.del("deleteTeam")`/api/teams/${id}`
      .addSuccess(HttpApiSchema.NoContent.annotations({ description: "The team was deleted" }))
      .addError(errors.NotPermitted)
      .addError(errors.TeamNotFound)
      .annotate(OpenApi.Summary, "Delete a team")
      .annotate(OpenApi.Description, "Deletes the team. Only the owner may."),
  )
  .add(
    HttpApiEndpoint.get("listTeamMembers")`/api/teams/${id}/members`
      .addSuccess(Schema.Array(TeamMember).annotations({ description: "The members" }))
      .addError(errors.TeamNotFound)
      .annotate(OpenApi.Summary, "List members")
      .annotate(OpenApi.Description, "Returns the members in the order in which they joined."),
  )
  .add(
    HttpApiEndpoint.post("addTeamMember")`/api/teams/${id}/members`
      .setPayload(
        Fields({
          email: renamed("email", Email).annotations({ description: "The address of an account" }),
          role: Schema.optionalWith(Schema.Literal("admin", "member"), {
            exact: true,
            default: () => "member" as const,
          }).annotations({ description: "The role" }),
        }).annotations(example({ email: "member@example.com", role: "member" })),
      )
      .addSuccess(TeamMember, { status: 201 })
      .addError(errors.AlreadyMember)
      .addError(errors.NotPermitted)
      .addError(errors.TeamNotFound)
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Add a member")
      .annotate(OpenApi.Description, "Adds an existing account. Only the owner and admins may."),
  )
  .add(
    HttpApiEndpoint.del("removeTeamMember")`/api/teams/${id}/members/${userId}`
      .addSuccess(HttpApiSchema.NoContent.annotations({ description: "The user is no longer a member" }))
      .addError(errors.LastOwner)
      .addError(errors.MemberNotFound)
      .addError(errors.NotPermitted)
      .addError(errors.TeamNotFound)
      .annotate(OpenApi.Summary, "Remove a member or leave")
      .annotate(
        OpenApi.Description,
        "Removes a member: the owner and admins may remove others, and members themselves.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Teams")
  .annotate(OpenApi.Description, "Teams and their members. Others cannot tell that a team exists.")

export const teams = defineResource({
  group: endpoints,
  prefixes: ["/api/teams"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const teams = yield* Teams
      const memberships = yield* Memberships
      return handlers
        .handle(
          "listTeams",
          withActor((actor) => teams.list(actor)),
        )
        .handle(
          "createTeam",
          withActor((actor, { payload }) => teams.create(actor, payload)),
        )
        .handle(
          "getTeam",
          withActor((actor, { path }) => teams.get(actor, path.id)),
        )
        .handle(
          "updateTeam",
          withActor((actor, { path, payload }) => teams.update(actor, path.id, payload)),
        )
        .handle(
          "deleteTeam",
          withActor((actor, { path }) => memberships.deleteScope(actor, teamScope(path.id))),
        )
        .handle(
          "listTeamMembers",
          withActor((actor, { path }) =>
            Effect.map(memberships.list(actor, teamScope(path.id)), ({ items }) => items),
          ),
        )
        .handle(
          "addTeamMember",
          withActor((actor, { path, payload: { email, role } }) =>
            memberships.add(actor, teamScope(path.id), { email }, role),
          ),
        )
        .handle(
          "removeTeamMember",
          withActor((actor, { path }) => memberships.remove(actor, teamScope(path.id), path.userId)),
        )
    }),
})
