import { Effect } from "effect"
import { Memberships } from "../../../domain/identity/Memberships"
import { Organizations } from "../../../domain/identity/Organizations"
import { withActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { paged } from "../Paging"
import { endpoints } from "./Endpoints"

export const organizations = defineResource({
  group: endpoints,
  prefixes: ["/v1"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const organizations = yield* Organizations
      const memberships = yield* Memberships
      return handlers
        .handle(
          "v1ListOrganizations",
          withActor((actor, { urlParams }) => paged(urlParams, (range) => organizations.list(actor, range))),
        )
        .handle(
          "v1CreateOrganization",
          withActor((actor, { payload }) => organizations.create(actor, payload)),
        )
        .handle(
          "v1GetOrganization",
          withActor((actor, { path }) => organizations.get(actor, path.id)),
        )
        .handle(
          "v1UpdateOrganization",
          withActor((actor, { path, payload }) => organizations.update(actor, path.id, payload)),
        )
        .handle(
          "v1DeleteOrganization",
          withActor((actor, { path }) =>
            Effect.flatMap(organizations.scope(path.id), (scope) => memberships.deleteScope(actor, scope)),
          ),
        )
        .handle(
          "v1ListOrganizationMembers",
          withActor((actor, { path, urlParams }) =>
            Effect.flatMap(organizations.scope(path.id), (scope) =>
              paged(urlParams, (range) => memberships.list(actor, scope, range)),
            ),
          ),
        )
        .handle(
          "v1AddOrganizationMember",
          withActor((actor, { path, payload: { userId, email = "", role } }) =>
            Effect.flatMap(organizations.scope(path.id), (scope) =>
              memberships.add(actor, scope, userId === undefined ? { email } : { userId }, role),
            ),
          ),
        )
        .handle(
          "v1RemoveOrganizationMember",
          withActor((actor, { path }) =>
            Effect.flatMap(organizations.scope(path.id), (scope) =>
              memberships.remove(actor, scope, path.user_id),
            ),
          ),
        )
    }),
})
