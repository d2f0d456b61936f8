import { SqlClient } from "@effect/sql"
import { DateTime, Effect, type Option } from "effect"
import type { Actor } from "../shared/Actor"
import { ChangeFeed } from "../shared/ChangeFeed"
import { uuidOrNull } from "../shared/Ids"
import { withTransaction } from "../shared/Transaction"
import { Memberships } from "./Memberships"
import { ScopeNotFound } from "./Memberships/Errors"
import {
  type NewOrganization,
  type Organization,
  type OrganizationChange,
  OrganizationId,
  type OrganizationKey,
  organizationScope,
  slugOf,
} from "./Organizations/Model"
import { OrganizationsRepo } from "./Organizations/Repo"

/** The slugs that paths of their own shadow, and those that look like an id. */
const isReserved = (slug: string) => slug === "invites" || uuidOrNull(slug) !== null

/** Manages organizations. Who belongs to them is up to `Memberships`. */
export class Organizations extends Effect.Service<Organizations>()("Organizations", {
  dependencies: [OrganizationsRepo.Default],
  effect: Effect.gen(function* () {
    const transaction = withTransaction(yield* SqlClient.SqlClient)
    const repo = yield* OrganizationsRepo
    const memberships = yield* Memberships
    const feed = yield* ChangeFeed

    const orNotFound = <A>(row: Option.Option<A>) =>
      Effect.mapError(row, () => new ScopeNotFound({ kind: "organization" }))

    /** Lists the organizations that the actor is a member of, newest first. */
    const list = Effect.fn("Organizations.list")(repo.list)

    /** Creates an organization that the actor owns, with a slug that derives from its name. */
    const create = Effect.fn("Organizations.create")(function* (actor: Actor, input: NewOrganization) {
      const now = yield* DateTime.nowAsDate
      const organization = {
        id: OrganizationId.make(yield* memberships.create(actor, "organization")),
        name: input.name,
        slug: slugOf(input.name),
        logo: input.logo ?? null,
        createdAt: now,
        updatedAt: now,
      }
      const insert = repo.insert(organization, isReserved(organization.slug))
      const { slug } = yield* Effect.eventually(Effect.flatten(insert))
      yield* feed.publish({
        entity: "organization",
        action: "created",
        id: organization.id,
        userIds: [actor.userId],
      })
      const created: Organization = { ...organization, slug, role: "owner" }
      return created
    }, transaction)

    /** Returns the organization with this id or slug. Requires a member. */
    const get = Effect.fn("Organizations.get")((actor: Actor, key: OrganizationKey) =>
      Effect.flatMap(repo.find(actor, key), orNotFound),
    )

    /** Returns the scope of the organization with this id or slug, whoever asks. */
    const scope = Effect.fn("Organizations.scope")(function* (key: OrganizationKey) {
      const { id } = yield* Effect.flatMap(repo.findId(key), orNotFound)
      return organizationScope(id)
    })

    /** Updates the provided fields; a `logo` of null removes it. Requires an owner or admin. */
    const update = Effect.fn("Organizations.update")(function* (
      actor: Actor,
      key: OrganizationKey,
      change: OrganizationChange,
    ) {
      const { id } = yield* Effect.flatMap(repo.findId(key), orNotFound)
      yield* memberships.authorize(actor, organizationScope(id), "update")
      const updated = yield* Effect.flatMap(
        repo.update(actor, id, change, yield* DateTime.nowAsDate),
        orNotFound,
      )
      yield* memberships.publish(organizationScope(id), "updated")
      return updated
    }, transaction)

    return { list, create, get, scope, update }
  }),
}) {}
