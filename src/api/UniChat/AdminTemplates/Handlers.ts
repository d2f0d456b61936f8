import { Effect } from "effect"
import { Assistants } from "../../../domain/assistants/Assistants"
import { CurrentActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { withMessage } from "../Body"
import { toConfig } from "../Configs/Body"
import { toOffsetLimit, toPageFields } from "../Paging"
import { endpoints } from "./Endpoints"

export const adminTemplates = defineResource({
  group: endpoints,
  prefixes: [],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const assistants = yield* Assistants

      return handlers
        .handle("listTemplates", ({ urlParams }) =>
          Effect.gen(function* () {
            const { items, total } = yield* assistants.listTemplatesForAdmin(
              yield* CurrentActor,
              toOffsetLimit(urlParams),
            )
            return { templates: items.map(toConfig), ...toPageFields(urlParams, total, items.length) }
          }),
        )
        .handle("createTemplate", ({ payload }) =>
          Effect.gen(function* () {
            return { template: toConfig(yield* assistants.createTemplate(yield* CurrentActor, payload)) }
          }),
        )
        .handle("updateTemplate", ({ path, payload }) =>
          Effect.gen(function* () {
            const template = yield* assistants.updateTemplate(yield* CurrentActor, path.id, payload)
            return { template: toConfig(template) }
          }),
        )
        .handle("deleteTemplate", ({ path }) =>
          withMessage(
            Effect.flatMap(CurrentActor, (actor) => assistants.removeTemplate(actor, path.id)),
            "Template deleted",
          ),
        )
    }),
})
