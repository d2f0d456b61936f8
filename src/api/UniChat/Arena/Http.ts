import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { Arena } from "../../../domain/chat/Arena"
import { CurrentActor } from "../../../http/middleware/RequestActor"
import { UniChatApi } from "../Api"
import { said } from "../Body"
import { toConfig } from "../Configs/Body"
import { pageOf, windowOf } from "../Paging"
import { toArenaMessage, toArenaSession } from "./Body"

export const arena = HttpApiBuilder.group(UniChatApi, "arena", (handlers) =>
  Effect.gen(function* () {
    const sessions = yield* Arena
    return handlers
      .handle("createArenaSession", ({ payload }) =>
        Effect.gen(function* () {
          return { session: toArenaSession(yield* sessions.create(yield* CurrentActor, payload)) }
        }),
      )
      .handle("listArenaSessions", ({ urlParams }) =>
        Effect.gen(function* () {
          const { items, total } = yield* sessions.list(yield* CurrentActor, windowOf(urlParams))
          return { sessions: items.map(toArenaSession), ...pageOf(urlParams, total, items.length) }
        }),
      )
      .handle("getArenaSession", ({ path }) =>
        Effect.gen(function* () {
          const { session, messages, assistants } = yield* sessions.get(yield* CurrentActor, path.id)
          return {
            session: toArenaSession(session),
            messages: messages.map(toArenaMessage),
            configs: assistants.map(toConfig),
          }
        }),
      )
      .handle("deleteArenaSession", ({ path }) =>
        said(
          Effect.flatMap(CurrentActor, (actor) => sessions.remove(actor, path.id)),
          "Session deleted",
        ),
      )
  }),
)
