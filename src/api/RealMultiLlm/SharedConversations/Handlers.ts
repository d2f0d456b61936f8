import { Effect } from "effect"
import { Shares } from "../../../domain/conversations/Shares"
import type { Share } from "../../../domain/conversations/Shares/Model"
import { withActor } from "../../../http/Authenticated"
import { makeServerOrigin } from "../../../http/middleware/ServerOrigin"
import { defineResource } from "../../../http/Resource"
import { endpoints } from "./Endpoints"
import { errorPage, sharePage } from "./Page"

export const sharedConversations = defineResource({
  group: endpoints,
  prefixes: ["/api/shared-conversations", "/shared"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const shares = yield* Shares
      const originOf = yield* makeServerOrigin
      const withUrl = (origin: string) => (share: Share) => ({
        ...share,
        shareUrl: `${origin}/shared/${share.id}`,
      })
      return handlers
        .handle(
          "listShares",
          withActor((actor, { request }) =>
            Effect.map(shares.list(actor), (all) => all.map(withUrl(originOf(request)))),
          ),
        )
        .handle(
          "createShare",
          withActor((actor, { payload, request }) =>
            Effect.map(
              shares.create(actor, payload.conversationId, payload.expiresAt),
              withUrl(originOf(request)),
            ),
          ),
        )
        .handle(
          "shareAgain",
          withActor((actor, { path, payload, request }) =>
            Effect.map(shares.shareAgain(actor, path.id, payload.expiresAt), withUrl(originOf(request))),
          ),
        )
        .handle(
          "revokeShare",
          withActor((actor, { path }) => shares.revoke(actor, path.id)),
        )
        .handle("readShare", ({ path }) => shares.read(path.id))
        .handle("readSharePage", ({ path }) =>
          shares.read(path.id).pipe(
            Effect.map(sharePage),
            Effect.catchTags({
              ShareNotFound: () => Effect.succeed(errorPage(404)),
              ShareExpired: () => Effect.succeed(errorPage(410)),
            }),
          ),
        )
    }),
})
