import { Effect } from "effect"
import { Arena } from "../../../domain/chat/Arena"
import { CurrentActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { withMessage } from "../Body"
import { toConfig } from "../Configs/Body"
import { toOffsetLimit, toPageFields } from "../Paging"
import { toArenaMessage, toArenaSession } from "./Body"
import { endpoints } from "./Endpoints"

export const arena = defineResource({
  group: endpoints,
  prefixes: ["/api/arena"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const arena = yield* Arena
      return handlers
        .handle("createArenaSession", ({ payload }) =>
          Effect.gen(function* () {
            return { session: toArenaSession(yield* arena.create(yield* CurrentActor, payload)) }
          }),
        )
        .handle("listArenaSessions", ({ urlParams }) =>
          Effect.gen(function* () {
            const { items, total } = yield* arena.list(yield* CurrentActor, toOffsetLimit(urlParams))
            return { sessions: items.map(toArenaSession), ...toPageFields(urlParams, total, items.length) }
          }),
        )
        .handle("getArenaSession", ({ path }) =>
          Effect.gen(function* () {
            const { session, messages, assistants } = yield* arena.get(yield* CurrentActor, path.id)
            return {
              session: toArenaSession(session),
              messages: messages.map(toArenaMessage),
              configs: assistants.map(toConfig),
            }
          }),
        )
        .handle("deleteArenaSession", ({ path }) =>
          withMessage(
            Effect.flatMap(CurrentActor, (actor) => arena.remove(actor, path.id)),
            "Session deleted",
          ),
        )
    }),
})
