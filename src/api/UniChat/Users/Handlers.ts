import { Effect } from "effect"
import { Users } from "../../../domain/identity/Users"
import type { User } from "../../../domain/identity/Users/Model"
import { Usage } from "../../../domain/operations/Usage"
import type { Actor } from "../../../domain/shared/Actor"
import { withActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { endpoints } from "./Endpoints"

export const users = defineResource({
  group: endpoints,
  prefixes: ["/api/users"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const users = yield* Users
      const usage = yield* Usage

      const withUsage = <E, R>(actor: Actor, user: Effect.Effect<User, E, R>) =>
        Effect.zipWith(user, usage.getAccount(actor), (user, account) => ({ ...user, ...account }))

      return handlers
        .handle(
          "getProfile",
          withActor((actor) => withUsage(actor, users.me(actor))),
        )
        .handle(
          "updateOwnProfile",
          withActor((actor, { payload }) => withUsage(actor, users.updateProfile(actor, payload))),
        )
        .handle(
          "updateSettings",
          withActor((actor, { payload }) => users.updateSettings(actor, payload)),
        )
    }),
})
