import { Effect } from "effect"
import { Assistants } from "../../../domain/assistants/Assistants"
import { PromptEnhancer } from "../../../domain/chat/PromptEnhancer"
import { withActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { paged } from "../Paging"
import { endpoints } from "./Endpoints"

export const configs = defineResource({
  group: endpoints,
  prefixes: ["/api/configs"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const assistants = yield* Assistants
      const enhancer = yield* PromptEnhancer
      return handlers
        .handle(
          "listConfigs",
          withActor((actor, { urlParams }) => paged(urlParams, (range) => assistants.list(actor, range))),
        )
        .handle(
          "enhancePrompt",
          withActor((actor, { payload }) => enhancer.enhance(actor, payload.prompt)),
        )
        .handle(
          "getConfig",
          withActor((actor, { path }) => assistants.getVisible(actor, path.id)),
        )
        .handle(
          "createConfig",
          withActor((actor, { payload }) => assistants.create(actor, payload)),
        )
        .handle(
          "updateConfig",
          withActor((actor, { path, payload }) => assistants.update(actor, path.id, payload)),
        )
        .handle(
          "deleteConfig",
          withActor((actor, { path }) => assistants.remove(actor, path.id)),
        )
        .handle(
          "publishConfig",
          withActor((actor, { path }) => assistants.publish(actor, path.id)),
        )
        .handle(
          "unpublishConfig",
          withActor((actor, { path }) => assistants.unpublish(actor, path.id)),
        )
        .handle(
          "duplicateConfig",
          withActor((actor, { path, payload }) => assistants.duplicate(actor, path.id, payload.name)),
        )
    }),
})
