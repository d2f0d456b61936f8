import { HttpApiBuilder } from "@effect/platform"
import { Effect, Layer, Option } from "effect"
import { Files } from "../../domain/files/Files"
import { Generations } from "../../domain/generation/Generations"
import type { GenerationEvent } from "../../domain/generation/Generations/Model"
import * as Contract from "../../http/Contract"
import { authMiddleware } from "../../http/middleware/authMiddleware"
import { CurrentActor } from "../../http/middleware/RequestActor"
import * as Sse from "../../http/Sse"
import { Authentication, NativeApi } from "./Api"
import { errorShape } from "./Body"
import examples from "./examples.json" with { type: "json" }
import { fileResponse } from "./FileResponse"

const frame = (event: GenerationEvent): string =>
  Sse.event({ id: event.seq, event: event.type, data: JSON.stringify(event) })

const generations = HttpApiBuilder.group(NativeApi, "generations", (handlers) =>
  Effect.gen(function* () {
    const generations = yield* Generations
    return handlers
      .handle("readGeneration", ({ path, request }) =>
        Effect.gen(function* () {
          const after = Option.getOrElse(Sse.lastEventId(request), () => -1)
          const actor = yield* CurrentActor
          const { generation, openSource, events } = yield* generations.events(actor, path.id, after)
          return yield* generation.state === "running"
            ? Sse.streamPullSource(openSource, frame, actor)
            : Sse.replay(events, frame)
        }),
      )
      .handle("stopGeneration", ({ path }) =>
        Effect.flatMap(CurrentActor, (actor) => generations.stop(actor, path.id)),
      )
  }),
)

const files = HttpApiBuilder.group(NativeApi, "files", (handlers) =>
  Effect.gen(function* () {
    const fileStore = yield* Files
    return handlers.handle("readFile", ({ path, request }) =>
      Effect.gen(function* () {
        const { file, bytes } = yield* fileStore.read(yield* CurrentActor, path.id)
        return fileResponse(file, bytes, request.headers["range"])
      }),
    )
  }),
)

/** Implements the Native contract. */
export const Native = Contract.make({
  name: "Native",
  api: NativeApi,
  layer: HttpApiBuilder.api(NativeApi).pipe(
    Layer.provide([generations, files]),
    Layer.provide(authMiddleware(Authentication)),
  ),
  prefixes: ["/api/generations", "/api/files"],
  errors: errorShape,
  examples,
})
