import { Effect } from "effect"
import { Conversations } from "../../../domain/conversations/Conversations"
import { UserDirectory } from "../../../domain/identity/UserDirectory"
import { Users } from "../../../domain/identity/Users"
import { Audit } from "../../../domain/operations/Audit"
import { Usage } from "../../../domain/operations/Usage"
import { withActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { paged } from "../Paging"
import { endpoints } from "./Endpoints"

export const admin = defineResource({
  group: endpoints,
  prefixes: ["/api/admin"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const userDirectory = yield* UserDirectory
      const users = yield* Users
      const conversations = yield* Conversations
      const usage = yield* Usage
      const audit = yield* Audit

      return handlers
        .handle(
          "listUsers",
          withActor((actor, { urlParams }) =>
            paged(urlParams, (range) => userDirectory.list(actor, urlParams, range)),
          ),
        )
        .handle(
          "getUser",
          withActor((actor, { path }) => userDirectory.get(actor, path.id)),
        )
        .handle(
          "banUser",
          withActor((actor, { path, payload }) =>
            Effect.as(users.ban(actor, path.id, payload.reason), { ...path, ...payload }),
          ),
        )
        .handle(
          "unbanUser",
          withActor((actor, { path }) => Effect.as(users.unban(actor, path.id), path)),
        )
        .handle(
          "setUserLimits",
          withActor((actor, { path, payload }) =>
            Effect.as(usage.setLimit(actor, path.id, payload.tokensLimit), { ...path, ...payload }),
          ),
        )
        .handle(
          "getUserHistory",
          withActor((actor, { path, urlParams }) =>
            Effect.gen(function* () {
              const { includeMessages } = urlParams
              const user = yield* userDirectory.get(actor, path.id)
              const page = yield* paged(urlParams, (range) =>
                conversations.adminHistory(actor, user.id, range, includeMessages),
              )
              const items = includeMessages
                ? page.items
                : page.items.map(({ conversation }) => ({ conversation }))
              return { ...page, items, user }
            }),
          ),
        )
        .handle(
          "listAuditLogs",
          withActor((actor, { urlParams }) =>
            paged(urlParams, (range) => audit.list(actor, range, { action: urlParams.action })),
          ),
        )
    }),
})
