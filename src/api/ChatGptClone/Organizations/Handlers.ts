import { Effect } from "effect"
import { Memberships } from "../../../domain/identity/Memberships"
import { Organizations } from "../../../domain/identity/Organizations"
import { withActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { ranged } from "../Paging"
import { endpoints } from "./Endpoints"

export const organizations = defineResource({
  group: endpoints,
  prefixes: ["/api/organizations"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const organizations = yield* Organizations
      const memberships = yield* Memberships
      return handlers
        .handle(
          "listOrganizations",
          withActor((actor, { urlParams }) => ranged(urlParams, (range) => organizations.list(actor, range))),
        )
        .handle(
          "createOrganization",
          withActor((actor, { payload }) => organizations.create(actor, payload)),
        )
        .handle(
          "getOrganization",
          withActor((actor, { path }) => organizations.get(actor, path.id)),
        )
        .handle(
          "updateOrganization",
          withActor((actor, { path, payload }) => organizations.update(actor, path.id, payload)),
        )
        .handle(
          "deleteOrganization",
          withActor((actor, { path }) =>
            Effect.flatMap(organizations.scope(path.id), (scope) => memberships.deleteScope(actor, scope)),
          ),
        )
        .handle(
          "listOrganizationMembers",
          withActor((actor, { path, urlParams }) =>
            Effect.flatMap(organizations.scope(path.id), (scope) =>
              ranged(urlParams, (range) => memberships.list(actor, scope, range)),
            ),
          ),
        )
        .handle(
          "addOrganizationMember",
          withActor((actor, { path, payload: { email, role } }) =>
            Effect.flatMap(organizations.scope(path.id), (scope) =>
              memberships.add(actor, scope, { email }, role),
            ),
          ),
        )
        .handle(
          "updateOrganizationMember",
          withActor((actor, { path, payload: { role } }) =>
            Effect.flatMap(organizations.scope(path.id), (scope) =>
              memberships.changeRole(actor, scope, path.userId, role),
            ),
          ),
        )
        .handle(
          "removeOrganizationMember",
          withActor((actor, { path }) =>
            Effect.flatMap(organizations.scope(path.id), (scope) =>
              memberships.remove(actor, scope, path.userId),
            ),
          ),
        )
    }),
})
