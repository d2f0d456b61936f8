import { Effect } from "effect"
import { Posts } from "../../../domain/messaging/Posts"
import { withActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { setCreatedStatus } from "../CreatedStatus"
import { paged } from "../Paging"
import { endpoints } from "./Endpoints"

export const messages = defineResource({
  group: endpoints,
  prefixes: ["/v1"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const posts = yield* Posts
      return handlers
        .handle(
          "v1ListChannelMessages",
          withActor((actor, { path, urlParams }) =>
            paged(urlParams, (range) => posts.list(actor, path.id, range)),
          ),
        )
        .handle(
          "v1SendChannelMessage",
          withActor((actor, { path, payload }) =>
            posts.send(actor, path.id, payload).pipe(
              Effect.tap(({ isNew }) => setCreatedStatus(isNew)),
              Effect.map(({ post }) => post),
            ),
          ),
        )
        .handle(
          "v1GetMessage",
          withActor((actor, { path }) => posts.get(actor, path.id)),
        )
        .handle(
          "v1EditMessage",
          withActor((actor, { path, payload }) => posts.edit(actor, path.id, payload.content)),
        )
        .handle(
          "v1DeleteMessage",
          withActor((actor, { path }) => posts.delete(actor, path.id)),
        )
        .handle(
          "v1AddReaction",
          withActor((actor, { path, payload }) =>
            posts.addReaction(actor, path.id, payload.emoji).pipe(
              Effect.tap(({ isNew }) => setCreatedStatus(isNew)),
              Effect.map(({ reaction }) => reaction),
            ),
          ),
        )
        .handle(
          "v1RemoveReaction",
          withActor((actor, { path }) => posts.removeReaction(actor, path.id, path.emoji)),
        )
        .handle(
          "v1GetThread",
          withActor((actor, { path, urlParams: { page, per_page: limit } }) =>
            Effect.map(
              posts.thread(actor, path.id, { offset: (page - 1) * limit, limit }),
              ({ parent, replies: { items, total } }) => ({
                data: { parent, replies: items },
                total,
                page,
                limit,
              }),
            ),
          ),
        )
        .handle(
          "v1ReplyToMessage",
          withActor((actor, { path, payload }) =>
            posts.reply(actor, path.id, payload).pipe(
              Effect.tap(({ isNew }) => setCreatedStatus(isNew)),
              Effect.map(({ post }) => post),
            ),
          ),
        )
    }),
})
