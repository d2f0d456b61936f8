import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
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
import { Fields, optional, renamed } from "../../../http/Fields"
import { bodyOf, Success } from "../Body"
import { errors } from "../Errors"
import { memberBody, memberExample } from "../MemberBody"
import { rangeFields, rangeParams } from "../Paging"

const newOrganization = { name: "Analytical Engines", logo: "https://example.com/logo.png" }

const organizationExample = {
  id: "019bc0f1-2d05-7c3a-9d52-3e7a9b2c5d66",
  ...newOrganization,
  slug: "analytical-engines",
  role: "owner",
  createdAt: "2026-01-15T09:30:00.000Z",
  updatedAt: "2026-01-15T09:30:00.000Z",
}

export const Organization = Schema.Struct({
  id: OrganizationId,
  name: Schema.String,
  slug: Schema.String.annotations({ description: "Unique, and usable in paths instead of the id" }),
  logo: Schema.NullOr(Schema.String),
  role: OrganizationRole.annotations({ description: "The caller's role" }),
  createdAt: Schema.Date,
  updatedAt: Schema.Date,
}).annotations({ identifier: "Organization", ...example(organizationExample) })

const Member = memberBody("organization", "member")

/** The organization that a path names by id or slug. */
export const organizationParam = HttpApiSchema.param(
  "id",
  OrganizationKey.annotations({
    description: "The organization's id or slug",
    ...example(organizationExample.id),
  }),
)

const userId = HttpApiSchema.param(
  "userId",
  UserId.annotations({ description: "The member's user id", ...example(memberExample.userId) }),
)

const name = { description: "The name" }
const logo = { description: "The http(s) URL of the logo; null for none" }

/** The field of bodies that invite or add somebody. */
export const roleField = Schema.optionalWith(OrganizationRole, {
  exact: true,
  default: () => "member" as const,
}).annotations({ description: "The role; nobody grants more than they have" })

export const endpoints = HttpApiGroup.make("organizations")
  .add(
    HttpApiEndpoint.get("listOrganizations", "/api/organizations")
      .setUrlParams(Fields(rangeParams()))
      .addSuccess(
        Schema.Struct(rangeFields("organizations", Organization)).annotations({
          description: "A range of the user's organizations",
        }),
      )
      .annotate(OpenApi.Summary, "List organizations")
      .annotate(OpenApi.Description, "Returns the organizations that the user is a member of, newest first."),
  )
  .add(
    HttpApiEndpoint.post("createOrganization", "/api/organizations")
      .setPayload(
        Fields({
          name: Schema.propertySignature(OrganizationFields.name).annotations(name),
          logo: optional(OrganizationFields.logo).annotations(logo),
        }).annotations(example(newOrganization)),
      )
      .addSuccess(bodyOf("The organization", "organization", Organization), { status: 201 })
      .annotate(OpenApi.Summary, "Create an organization")
      .annotate(
        OpenApi.Description,
        "Creates an organization that the user owns. Its slug derives from the name, is unique, and stays when the name changes.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getOrganization")`/api/organizations/${organizationParam}`
      .addSuccess(bodyOf("The organization", "organization", Organization))
      .addError(errors.OrganizationNotFound)
      .annotate(OpenApi.Summary, "Get an organization")
      .annotate(OpenApi.Description, "Returns an organization that the user is a member of."),
  )
  .add(
    HttpApiEndpoint.put("updateOrganization")`/api/organizations/${organizationParam}`
      .setPayload(
        Fields({
          name: optional(OrganizationFields.name).annotations(name),
          logo: optional(OrganizationFields.logo).annotations(logo),
        }).annotations(example({ name: "Difference Engines", logo: null })),
      )
      .addSuccess(bodyOf("The organization", "organization", Organization))
      .addError(errors.NotPermitted)
      .addError(errors.OrganizationNotFound)
      .annotate(OpenApi.Summary, "Update an organization")
      .annotate(OpenApi.Description, "Updates the fields that are present. Owners and admins may."),
  )
  .add(
    HttpApiEndpoint.del("deleteOrganization")`/api/organizations/${organizationParam}`
      .addSuccess(Success)
      .addError(errors.NotPermitted)
      .addError(errors.OrganizationNotFound)
      .annotate(OpenApi.Summary, "Delete an organization")
      .annotate(OpenApi.Description, "Deletes the organization with its invites. Owners may."),
  )
  .add(
    HttpApiEndpoint.get("listOrganizationMembers")`/api/organizations/${organizationParam}/members`
      .setUrlParams(Fields(rangeParams()))
      .addSuccess(
        Schema.Struct(rangeFields("members", Member)).annotations({ description: "A range of the members" }),
      )
      .addError(errors.OrganizationNotFound)
      .annotate(OpenApi.Summary, "List members")
      .annotate(OpenApi.Description, "Returns the members in the order in which they joined."),
  )
  .add(
    HttpApiEndpoint.post("addOrganizationMember")`/api/organizations/${organizationParam}/members`
      .setPayload(
        Fields({
          email: renamed("email", Email).annotations({ description: "The address of an account" }),
          role: roleField,
        }).annotations(example({ email: "grace@example.com", role: "member" })),
      )
      .addSuccess(bodyOf("The member", "member", Member), { status: 201 })
      .addError(errors.AlreadyMember)
      .addError(errors.NotPermitted)
      .addError(errors.OrganizationNotFound)
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Add a member")
      .annotate(OpenApi.Description, "Adds an existing account. Owners and admins may."),
  )
  .add(
    HttpApiEndpoint.put("updateOrganizationMember")`/api/organizations/${organizationParam}/members/${userId}`
      .setPayload(
        Fields({
          role: Schema.propertySignature(OrganizationRole).annotations({ description: "The new role" }),
        }).annotations(example({ role: "admin" })),
      )
      .addSuccess(bodyOf("The member", "member", Member))
      .addError(errors.LastOwner)
      .addError(errors.MemberNotFound)
      .addError(errors.NotPermitted)
      .addError(errors.OrganizationNotFound)
      .annotate(OpenApi.Summary, "Change a member's role")
      .annotate(
        OpenApi.Description,
        "Owners and admins may, up to their own role. The last owner keeps the role.",
      ),
  )
  .add(
    HttpApiEndpoint.del("removeOrganizationMember")`/api/organizations/${organizationParam}/members/${userId}`
      .addSuccess(Success)
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
