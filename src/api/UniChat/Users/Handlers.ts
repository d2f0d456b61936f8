import { Effect } from "effect"
import { Users } from "../../../domain/identity/Users"
import type { User } from "../../../domain/identity/Users/Model"
import { Usage } from "../../../domain/operations/Usage"
import { CurrentActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { toProfile, toUsage } from "../UserBody"
import { endpoints } from "./Endpoints"

export const users = defineResource({
  group: endpoints,
  prefixes: ["/api/users"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const users = yield* Users
      const usage = yield* Usage

      const withUsage = Effect.fnUntraced(function* (user: User) {
        const account = yield* usage.getAccount(yield* CurrentActor)
        const { id, email, role, createdAt } = user
        return {
          user: {
            id,
            email,
            role,
            profile: toProfile(user),
            settings: user,
            usage: toUsage(account),
            createdAt,
          },
        }
      })

      return handlers
        .handle("getProfile", () => CurrentActor.pipe(Effect.flatMap(users.me), Effect.flatMap(withUsage)))
        .handle("updateOwnProfile", ({ payload }) =>
          CurrentActor.pipe(
            Effect.flatMap((actor) => users.updateProfile(actor, payload)),
            Effect.flatMap(withUsage),
          ),
        )
        .handle("updateSettings", ({ payload }) =>
          CurrentActor.pipe(
            Effect.flatMap((actor) => users.updateSettings(actor, payload)),
            Effect.map((settings) => ({ settings })),
          ),
        )
    }),
})
