import { Duration, Schema } from "effect"
import { UserId } from "../../shared/Actor"
import { Uuid } from "../../shared/Ids"
import { OrganizationId, OrganizationRole } from "../Organizations/Model"

export const InviteId = Uuid.pipe(Schema.brand("InviteId"))
export type InviteId = typeof InviteId.Type

/** How long an invite can be answered. */
export const inviteTtl = Duration.days(7)

export const InviteStatus = Schema.Literal("pending", "accepted", "rejected", "cancelled")
export type InviteStatus = typeof InviteStatus.Type

/** An invitation of an email address to an organization. */
export const Invite = Schema.Struct({
  id: InviteId,
  organizationId: OrganizationId,
  organizationName: Schema.String,
  email: Schema.String,
  role: OrganizationRole,
  /** A pending invite whose `expiresAt` has passed has expired. */
  status: InviteStatus,
  /** Null once the account is deleted. */
  invitedBy: Schema.NullOr(UserId),
  createdAt: Schema.DateFromSelf,
  expiresAt: Schema.DateFromSelf,
})
export type Invite = typeof Invite.Type

export type NewInvite = Pick<Invite, "email" | "role">
