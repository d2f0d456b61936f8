import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { MemberOf } from "../../../domain/identity/Memberships/Model"
import {
  OrganizationFields,
  OrganizationId,
  OrganizationKey,
  OrganizationRole,
} from "../../../domain/identity/Organizations/Model"
import { Email } from "../../../domain/identity/Users/Model"
import { UserId } from "../../../domain/shared/Actor"
import { Authenticated } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import { Fields, optional, optionalRenamed, renamed, reportWithFieldErrors } from "../../../http/Fields"
import { enveloped, envelopedPage, pageParams } from "../Envelope"
import { errors } from "../Errors"

const organizationExample = {
  id: "019bc0f1-2d05-7c3a-9d52-3e7a9b2c5d66",
  name: "Analytical Engines",
  slug: "analytical-engines",
  logo_url: "https://example.com/logo.png",
  role: "owner",
  created_at: "2026-01-15T09:30:00.000Z",
  updated_at: "2026-01-15T09:30:00.000Z",
}

const Organization = Schema.Struct({
  id: OrganizationId,
  name: Schema.String,
  slug: Schema.String.annotations({ description: "Unique, and usable in paths instead of the id" }),
  logo: renamed("logo_url", Schema.NullOr(Schema.String)),
  role: OrganizationRole.annotations({ description: "The caller's role" }),
  createdAt: renamed("created_at", Schema.Date),
  updatedAt: renamed("updated_at", Schema.Date),
}).annotations({ identifier: "PlexiChatOrganization", ...example(organizationExample) })

const memberExample = {
  user_id: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
  display_name: "Ada Lovelace",
  email: "ada@example.com",
  avatar_url: null,
  role: "member",
  joined_at: "2026-01-15T09:30:00.000Z",
}

const member = MemberOf("organization").fields

const Member = Schema.Struct({
  userId: renamed("user_id", member.userId),
  name: renamed("display_name", member.name),
  email: member.email,
  avatarUrl: renamed("avatar_url", member.avatarUrl),
  role: member.role,
  joinedAt: renamed("joined_at", Schema.Date),
}).annotations({ identifier: "PlexiChatOrganizationMember", ...example(memberExample) })

const organizationParam = HttpApiSchema.param(
  "id",
  OrganizationKey.annotations({
    description: "The organization's id or slug",
    ...example(organizationExample.id),
  }),
)

const userId = HttpApiSchema.param(
  "user_id",
  UserId.annotations({ description: "The member's user id", ...example(memberExample.user_id) }),
)

const name = { description: "The name, 1 to 100 characters" }
const logo = { description: "The http(s) URL of the logo; null for none" }

/** Who becomes a member: an account by its id or its email address. */
const NewMember = Fields({
  userId: optional(UserId).annotations({ description: "The account's id" }).pipe(Schema.fromKey("user_id")),
  email: optionalRenamed("email", Email).annotations({
    description: "The account's email address, instead of `user_id`",
  }),
  role: Schema.optionalWith(OrganizationRole, { exact: true, default: () => "member" as const }).annotations({
    description: "The role; nobody grants more than they have",
  }),
}).pipe(
  Schema.filter(
    ({ userId, email }) =>
      (userId === undefined) !== (email === undefined) || {
        path: ["user_id"],
        message: "must be given, or else `email`",
      },
    reportWithFieldErrors,
  ),
  Schema.annotations({ ...example({ email: "grace@example.com", role: "member" }) }),
)

export const endpoints = HttpApiGroup.make("organizations")
  .add(
    HttpApiEndpoint.get("v1ListOrganizations", "/v1/organizations")
      .setUrlParams(Fields(pageParams))
      .addSuccess(envelopedPage("A page of the user's organizations", Organization))
      .annotate(OpenApi.Summary, "List organizations")
      .annotate(OpenApi.Description, "Returns the organizations that the user is a member of, newest first."),
  )
  .add(
    HttpApiEndpoint.post("v1CreateOrganization", "/v1/organizations")
      .setPayload(
        Fields({
          name: renamed("name", OrganizationFields.name).annotations(name),
          logo: optional(OrganizationFields.logo).annotations(logo).pipe(Schema.fromKey("logo_url")),
        }).annotations(example({ name: organizationExample.name, logo_url: organizationExample.logo_url })),
      )
      .addSuccess(enveloped("The organization", Organization), { status: 201 })
      .annotate(OpenApi.Summary, "Create an organization")
      .annotate(
        OpenApi.Description,
        "Creates an organization that the user owns. Its slug derives from the name.",
      ),
  )
  .add(
    HttpApiEndpoint.get("v1GetOrganization")`/v1/organizations/${organizationParam}`
      .addSuccess(enveloped("The organization", Organization))
      .addError(errors.OrganizationNotFound)
      .annotate(OpenApi.Summary, "Get an organization")
      .annotate(OpenApi.Description, "Returns an organization that the user is a member of."),
  )
  .add(
    HttpApiEndpoint.put("v1UpdateOrganization")`/v1/organizations/${organizationParam}`
      .setPayload(
        Fields({
          name: optionalRenamed("name", OrganizationFields.name).annotations(name),
          logo: optional(OrganizationFields.logo).annotations(logo).pipe(Schema.fromKey("logo_url")),
        }).annotations(example({ name: "Difference Engines", logo_url: null })),
      )
      .addSuccess(enveloped("The organization", Organization))
      .addError(errors.NotPermitted)
      .addError(errors.OrganizationNotFound)
      .annotate(OpenApi.Summary, "Update an organization")
      .annotate(OpenApi.Description, "Updates the fields that are present. Owners and admins may."),
  )
  .add(
    HttpApiEndpoint.del("v1DeleteOrganization")`/v1/organizations/${organizationParam}`
      .addSuccess(HttpApiSchema.NoContent)
      .addError(errors.NotPermitted)
      .addError(errors.OrganizationNotFound)
      .annotate(OpenApi.Summary, "Delete an organization")
      .annotate(OpenApi.Description, "Deletes the organization with its channels and invites. Owners may."),
  )
  .add(
    HttpApiEndpoint.get("v1ListOrganizationMembers")`/v1/organizations/${organizationParam}/members`
      .setUrlParams(Fields(pageParams))
      .addSuccess(envelopedPage("A page of the members", Member))
      .addError(errors.OrganizationNotFound)
      .annotate(OpenApi.Summary, "List members")
      .annotate(OpenApi.Description, "Returns the members in the order in which they joined."),
  )
  .add(
    HttpApiEndpoint.post("v1AddOrganizationMember")`/v1/organizations/${organizationParam}/members`
      .setPayload(NewMember)
      .addSuccess(enveloped("The member", Member), { status: 201 })
      .addError(errors.AlreadyMember)
      .addError(errors.NotPermitted)
      .addError(errors.OrganizationNotFound)
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Add a member")
      .annotate(OpenApi.Description, "Adds an existing account. Owners and admins may."),
  )
  .add(
    HttpApiEndpoint.del(
      "v1RemoveOrganizationMember",
    )`/v1/organizations/${organizationParam}/members/${userId}`
      .addSuccess(HttpApiSchema.NoContent)
      .addError(errors.LastOwner)
      .addError(errors.MemberNotFound)
      .addError(errors.NotPermitted)
      .addError(errors.OrganizationNotFound)
      .annotate(OpenApi.Summary, "Remove a member or leave")
      .annotate(
        OpenApi.Description,
        "Owners and admins may remove others, and members themselves. The last owner stays.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Organizations")
  .annotate(
    OpenApi.Description,
    "Organizations and their members, who are owners, admins or members. Others cannot tell that an organization exists.",
  )
