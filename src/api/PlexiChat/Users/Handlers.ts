import { Effect } from "effect"
import { AccountDeletion } from "../../../domain/chat/AccountDeletion"
import { UserDirectory } from "../../../domain/identity/UserDirectory"
import { Users } from "../../../domain/identity/Users"
import { withActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { paged } from "../Paging"
import { endpoints } from "./Endpoints"

export const users = defineResource({
  group: endpoints,
  prefixes: [],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const users = yield* Users
      const accountDeletion = yield* AccountDeletion
      const directory = yield* UserDirectory
      return handlers
        .handle(
          "v1ListUsers",
          withActor((actor, { urlParams }) =>
            paged(urlParams, (range) => directory.listVisible(actor, range, urlParams.search)),
          ),
        )
        .handle(
          "v1GetUser",
          withActor((actor, { path }) => directory.getVisible(actor, path.id)),
        )
        .handle(
          "v1UpdateUser",
          withActor((actor, { path, payload }) => users.update(actor, path.id, payload)),
        )
        .handle(
          "v1DeleteUser",
          withActor((actor, { path }) => accountDeletion.deleteUser(actor, path.id)),
        )
        .handle(
          "v1GetUserProfile",
          withActor((actor, { path }) => directory.getVisible(actor, path.id)),
        )
        .handle(
          "v1UpdateUserProfile",
          withActor((actor, { path, payload }) => users.updateProfileOf(actor, path.id, payload)),
        )
        .handle(
          "v1ListAccounts",
          withActor((actor, { urlParams }) =>
            paged(urlParams, (range) => directory.list(actor, { ...urlParams, includeBanned: true }, range)),
          ),
        )
        .handle(
          "v1SetUserStatus",
          withActor((actor, { path, payload }) =>
            Effect.zipRight(users.setStatus(actor, path.id, payload), directory.get(actor, path.id)),
          ),
        )
    }),
})
