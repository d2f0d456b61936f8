import { Effect } from "effect"
import { Arena } from "../../../domain/chat/Arena"
import { withActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { paged } from "../Paging"
import { endpoints } from "./Endpoints"

export const arena = defineResource({
  group: endpoints,
  prefixes: ["/api/arena"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const arena = yield* Arena
      return handlers
        .handle(
          "createArenaSession",
          withActor((actor, { payload }) => arena.create(actor, payload)),
        )
        .handle(
          "listArenaSessions",
          withActor((actor, { urlParams }) => paged(urlParams, (range) => arena.list(actor, range))),
        )
        .handle(
          "getArenaSession",
          withActor((actor, { path }) => arena.get(actor, path.id)),
        )
        .handle(
          "deleteArenaSession",
          withActor((actor, { path }) => arena.remove(actor, path.id)),
        )
    }),
})
