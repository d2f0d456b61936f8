import { SqlClient } from "@effect/sql"
import { DateTime, Duration, Effect } from "effect"
import type { Actor } from "../shared/Actor"
import { IdGenerator } from "../shared/Ids"
import { Mailer } from "../shared/Mailer"
import type { OffsetLimit } from "../shared/Page"
import { PublicUrl } from "../shared/PublicUrl"
import { withTransaction } from "../shared/Transaction"
import { AlreadyInvited, InviteNotFound, InviteNotPending } from "./Invites/Errors"
import { invitationMail } from "./Invites/invitationMail"
import { type Invite, InviteId, type InviteStatus, inviteTtl, type NewInvite } from "./Invites/Model"
import { InvitesRepo } from "./Invites/Repo"
import { Memberships } from "./Memberships"
import { AlreadyMember } from "./Memberships/Errors"
import type { Scope } from "./Memberships/Model"
import { Organizations } from "./Organizations"
import { OrganizationId, OrganizationKey, organizationScope } from "./Organizations/Model"

/**
 * Invites people to organizations by email address, whether or not they have an account. Only the account
 * with that address, verified, sees an invite and answers it. Invites end after seven days.
 */
export class Invites extends Effect.Service<Invites>()("Invites", {
  dependencies: [InvitesRepo.Default, Organizations.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* InvitesRepo
    const memberships = yield* Memberships
    const organizations = yield* Organizations
    const mailer = yield* Mailer
    const publicUrl = yield* PublicUrl
    const ids = yield* IdGenerator

    /** Inserts an invite, unless the address has one or belongs to a member. Returns it with its sender's name. */
    const insert = Effect.fnUntraced(function* (
      actor: Actor,
      scope: Scope<"organization">,
      { email, role }: NewInvite,
    ) {
      yield* memberships.lock(scope)
      yield* memberships.authorizeGrant(actor, scope, role)
      const createdAt = yield* DateTime.nowAsDate
      const organizationId = OrganizationId.make(scope.id)
      if (yield* repo.isMember(organizationId, email)) return yield* new AlreadyMember()
      if (yield* repo.isInvited(organizationId, email, createdAt)) return yield* new AlreadyInvited()
      const invite = {
        id: InviteId.make(yield* ids.generate),
        organizationId,
        email,
        role,
        status: "pending" as const,
        invitedBy: actor.userId,
        createdAt,
        expiresAt: new Date(createdAt.getTime() + Duration.toMillis(inviteTtl)),
      }
      const { organizationName, inviterName } = yield* repo.insert(invite)
      const created: Invite = { ...invite, organizationName }
      return { invite: created, inviterName }
    }, transaction)

    /** Invites an email address and mails the invitation. Nobody grants a role above their own. */
    const create = Effect.fn("Invites.create")(function* (
      actor: Actor,
      scope: Scope<"organization">,
      input: NewInvite,
    ) {
      const { invite, inviterName } = yield* insert(actor, scope, input)
      yield* mailer.send(invitationMail(invite, inviterName, publicUrl))
      return invite
    })

    /** Lists the pending invites for the actor's verified email address, newest first. */
    const list = Effect.fn("Invites.list")(function* (actor: Actor, range: OffsetLimit) {
      return yield* repo.list(actor, yield* DateTime.nowAsDate, range)
    })

    const end = Effect.fnUntraced(function* (id: InviteId, status: Exclude<InviteStatus, "pending">) {
      const ended = yield* repo.end(id, status, yield* DateTime.nowAsDate)
      if (!ended) return yield* new InviteNotPending()
    })

    /** Cancels a pending invite. Requires an owner or admin of its organization. */
    const cancel = Effect.fn("Invites.cancel")(function* (
      actor: Actor,
      scope: Scope<"organization">,
      id: InviteId,
    ) {
      yield* memberships.authorize(actor, scope, "manage_members")
      const exists = yield* repo.findIn(OrganizationId.make(scope.id), id)
      if (!exists) return yield* new InviteNotFound()
      yield* end(id, "cancelled")
    }, transaction)

    const findFor = (actor: Actor, id: InviteId) =>
      Effect.mapError(Effect.flatten(repo.findFor(actor, id)), () => new InviteNotFound())

    /** Makes the actor a member with the role of the invite. Returns the organization. */
    const accept = Effect.fn("Invites.accept")(
      function* (actor: Actor, id: InviteId) {
        const { organizationId, role } = yield* findFor(actor, id)
        const scope = organizationScope(organizationId)
        yield* memberships.lock(scope)
        yield* end(id, "accepted")
        yield* memberships.admit(scope, actor.userId, role)
        return yield* organizations.get(actor, OrganizationKey.make(organizationId))
      },
      Effect.catchTag("ScopeNotFound", () => new InviteNotFound()),
      transaction,
    )

    const reject = Effect.fn("Invites.reject")(function* (actor: Actor, id: InviteId) {
      yield* findFor(actor, id)
      yield* end(id, "rejected")
    })

    return { create, list, cancel, accept, reject }
  }),
}) {}
