import { Schema } from "effect"
import { SingleLineText } from "../../shared/Text"
import { RoleIn, type Scope, ScopeId } from "../Memberships/Model"
import { AvatarUrl } from "../Users/Model"

export const OrganizationId = ScopeId.pipe(Schema.brand("OrganizationId"))
export type OrganizationId = typeof OrganizationId.Type

/** Names an organization: its id or its slug. */
export const OrganizationKey = Schema.String.pipe(Schema.brand("OrganizationKey"))
export type OrganizationKey = typeof OrganizationKey.Type

export const OrganizationRole = RoleIn("organization")
export type OrganizationRole = typeof OrganizationRole.Type

/** Returns the scope of an organization's members. */
export const organizationScope = (id: OrganizationId): Scope<"organization"> => ({
  kind: "organization",
  id,
})

/** Schemas of the fields that a user provides. */
export const OrganizationFields = {
  name: SingleLineText(1, 100),
  logo: Schema.NullOr(AvatarUrl),
}

/** An organization as one of its members sees it. */
export const Organization = Schema.Struct({
  id: OrganizationId,
  name: Schema.String,
  /** Names the organization in URLs; unique, and unchanged when the organization is renamed. */
  slug: Schema.String,
  /** The http(s) URL of the logo. */
  logo: Schema.NullOr(Schema.String),
  /** The role of the member who sees it. */
  role: OrganizationRole,
  createdAt: Schema.DateFromSelf,
  updatedAt: Schema.DateFromSelf,
})
export type Organization = typeof Organization.Type

export type NewOrganization = Pick<Organization, "name"> & Partial<Pick<Organization, "logo">>
export type OrganizationChange = Partial<Pick<Organization, "name" | "logo">>

/** Derives a slug from a name: ASCII letters and digits, separated by hyphens. */
export const slugOf = (name: string): string => {
  const words = name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
  const slug = words
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 60)
    .replace(/^-+|-+$/g, "")
  return slug === "" ? "organization" : slug
}
