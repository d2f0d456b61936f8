import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { Invites } from "../../domain/identity/Invites"
import { InviteId, InviteStatus } from "../../domain/identity/Invites/Model"
import { Organizations } from "../../domain/identity/Organizations"
import { OrganizationId, OrganizationRole } from "../../domain/identity/Organizations/Model"
import { Email } from "../../domain/identity/Users/Model"
import { UserId } from "../../domain/shared/Actor"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { Fields, renamed } from "../../http/Fields"
import { defineResource } from "../../http/Resource"
import { bodyOf, Success } from "./Body"
import { errors } from "./Errors"
import { Organization, organizationParam, roleField } from "./Organizations/Endpoints"
import { ranged, rangeFields, rangeParams } from "./Paging"

const newInvite = { email: "grace@example.com", role: "member" }

const inviteExample = {
  id: "019bc0f1-2d06-7c3a-9d52-9f4c1e8b7a33",
  organizationId: "019bc0f1-2d05-7c3a-9d52-3e7a9b2c5d66",
  organizationName: "Analytical Engines",
  ...newInvite,
  status: "pending",
  invitedBy: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
  createdAt: "2026-01-15T09:30:00.000Z",
  expiresAt: "2026-01-22T09:30:00.000Z",
}

const Invite = Schema.Struct({
  id: InviteId,
  organizationId: OrganizationId,
  organizationName: Schema.String,
  email: Schema.String,
  role: OrganizationRole,
  status: InviteStatus,
  invitedBy: Schema.NullOr(UserId).annotations({ description: "Null once the account is deleted" }),
  createdAt: Schema.Date,
  expiresAt: Schema.Date,
}).annotations({ identifier: "Invite", ...example(inviteExample) })

const inviteId = HttpApiSchema.param(
  "inviteId",
  InviteId.annotations({ description: "The invite's id", ...example(inviteExample.id) }),
)

const endpoints = HttpApiGroup.make("invites")
  .add(
    HttpApiEndpoint.post("createInvite")`/api/organizations/${organizationParam}/invites`
      .setPayload(
        Fields({
          email: renamed("email", Email).annotations({ description: "The address to invite" }),
          role: roleField,
        }).annotations(example(newInvite)),
      )
      .addSuccess(bodyOf("The invite", "invite", Invite), { status: 201 })
      .addError(errors.AlreadyInvited)
      .addError(errors.AlreadyMember)
      .addError(errors.NotPermitted)
      .addError(errors.OrganizationNotFound)
      .annotate(OpenApi.Summary, "Invite somebody")
      .annotate(
        OpenApi.Description,
        "Invites an email address for seven days, with or without an account, and mails the invitation. Owners and admins may.",
      ),
  )
  .add(
    HttpApiEndpoint.del("cancelInvite")`/api/organizations/${organizationParam}/invites/${inviteId}`
      .addSuccess(Success)
      .addError(errors.InviteNotFound)
      .addError(errors.InviteNotPending)
      .addError(errors.NotPermitted)
      .addError(errors.OrganizationNotFound)
      .annotate(OpenApi.Summary, "Cancel an invite")
      .annotate(OpenApi.Description, "Cancels a pending invite. Owners and admins may."),
  )
  .add(
    HttpApiEndpoint.get("listInvites", "/api/organizations/invites")
      .setUrlParams(Fields(rangeParams()))
      .addSuccess(
        Schema.Struct(rangeFields("invites", Invite)).annotations({
          description: "A range of the user's pending invites",
        }),
      )
      .annotate(OpenApi.Summary, "List one's invites")
      .annotate(
        OpenApi.Description,
        "Returns the pending invites for the user's verified email address, newest first.",
      ),
  )
  .add(
    HttpApiEndpoint.post("acceptInvite")`/api/organizations/invites/${inviteId}/accept`
      .addSuccess(bodyOf("The organization", "organization", Organization))
      .addError(errors.AlreadyMember)
      .addError(errors.InviteNotFound)
      .addError(errors.InviteNotPending)
      .annotate(OpenApi.Summary, "Accept an invite")
      .annotate(OpenApi.Description, "Makes the user a member with the role of the invite."),
  )
  .add(
    HttpApiEndpoint.post("rejectInvite")`/api/organizations/invites/${inviteId}/reject`
      .addSuccess(Success)
      .addError(errors.InviteNotFound)
      .addError(errors.InviteNotPending)
      .annotate(OpenApi.Summary, "Reject an invite")
      .annotate(OpenApi.Description, "Rejects the invite, which then ends."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Invites")
  .annotate(
    OpenApi.Description,
    "Invitations to organizations by email address. Only the account with that address, verified, sees and answers them.",
  )

export const invites = defineResource({
  group: endpoints,
  prefixes: ["/api/organizations/invites"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const invites = yield* Invites
      const organizations = yield* Organizations
      return handlers
        .handle(
          "createInvite",
          withActor((actor, { path, payload }) =>
            Effect.flatMap(organizations.scope(path.id), (scope) => invites.create(actor, scope, payload)),
          ),
        )
        .handle(
          "cancelInvite",
          withActor((actor, { path }) =>
            Effect.flatMap(organizations.scope(path.id), (scope) =>
              invites.cancel(actor, scope, path.inviteId),
            ),
          ),
        )
        .handle(
          "listInvites",
          withActor((actor, { urlParams }) => ranged(urlParams, (range) => invites.list(actor, range))),
        )
        .handle(
          "acceptInvite",
          withActor((actor, { path }) => invites.accept(actor, path.inviteId)),
        )
        .handle(
          "rejectInvite",
          withActor((actor, { path }) => invites.reject(actor, path.inviteId)),
        )
    }),
})
