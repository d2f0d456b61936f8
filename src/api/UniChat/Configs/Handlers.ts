import { Effect } from "effect"
import { Assistants } from "../../../domain/assistants/Assistants"
import { PromptEnhancer } from "../../../domain/chat/PromptEnhancer"
import { CurrentActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { withMessage } from "../Body"
import { toOffsetLimit, toPageFields } from "../Paging"
import { toConfig } from "./Body"
import { endpoints } from "./Endpoints"

export const configs = defineResource({
  group: endpoints,
  prefixes: ["/api/configs"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const assistants = yield* Assistants
      const enhancer = yield* PromptEnhancer

      return handlers
        .handle("listConfigs", ({ urlParams }) =>
          Effect.gen(function* () {
            const { items, total } = yield* assistants.list(yield* CurrentActor, toOffsetLimit(urlParams))
            return { configs: items.map(toConfig), ...toPageFields(urlParams, total, items.length) }
          }),
        )
        .handle("enhancePrompt", ({ payload }) =>
          Effect.gen(function* () {
            return { text: yield* enhancer.enhance(yield* CurrentActor, payload.prompt) }
          }),
        )
        .handle("getConfig", ({ path }) =>
          Effect.gen(function* () {
            return { config: toConfig(yield* assistants.getVisible(yield* CurrentActor, path.id)) }
          }),
        )
        .handle("createConfig", ({ payload }) =>
          Effect.gen(function* () {
            return { config: toConfig(yield* assistants.create(yield* CurrentActor, payload)) }
          }),
        )
        .handle("updateConfig", ({ path, payload }) =>
          Effect.gen(function* () {
            return { config: toConfig(yield* assistants.update(yield* CurrentActor, path.id, payload)) }
          }),
        )
        .handle("deleteConfig", ({ path }) =>
          withMessage(
            Effect.flatMap(CurrentActor, (actor) => assistants.remove(actor, path.id)),
            "Config deleted",
          ),
        )
        .handle("publishConfig", ({ path }) =>
          Effect.gen(function* () {
            const { visibility } = yield* assistants.publish(yield* CurrentActor, path.id)
            return { message: "Config published", visibility }
          }),
        )
        .handle("unpublishConfig", ({ path }) =>
          Effect.gen(function* () {
            const { visibility } = yield* assistants.unpublish(yield* CurrentActor, path.id)
            return { message: "Config unpublished", visibility }
          }),
        )
        .handle("duplicateConfig", ({ path, payload }) =>
          Effect.gen(function* () {
            const copy = yield* assistants.duplicate(yield* CurrentActor, path.id, payload.name)
            return { config: toConfig(copy) }
          }),
        )
    }),
})
