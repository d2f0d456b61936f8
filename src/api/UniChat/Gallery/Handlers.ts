import { Effect } from "effect"
import { Assistants } from "../../../domain/assistants/Assistants"
import { CurrentActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { withMessage } from "../Body"
import { toConfig } from "../Configs/Body"
import { toOffsetLimit, toPageFields } from "../Paging"
import { toGalleryConfig } from "./Body"
import { endpoints } from "./Endpoints"

export const gallery = defineResource({
  group: endpoints,
  prefixes: ["/api/gallery"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const assistants = yield* Assistants

      return handlers
        .handle("browseGallery", ({ urlParams }) =>
          Effect.gen(function* () {
            const { items, total } = yield* assistants.browse(
              yield* CurrentActor,
              urlParams,
              toOffsetLimit(urlParams),
            )
            return { configs: items.map(toGalleryConfig), ...toPageFields(urlParams, total, items.length) }
          }),
        )
        .handle("galleryTemplates", ({ urlParams }) =>
          Effect.gen(function* () {
            const { items, total } = yield* assistants.templates(
              yield* CurrentActor,
              toOffsetLimit(urlParams),
            )
            return { templates: items.map(toGalleryConfig), ...toPageFields(urlParams, total, items.length) }
          }),
        )
        .handle("savedConfigs", ({ urlParams }) =>
          Effect.gen(function* () {
            const { items, total } = yield* assistants.listSaved(
              yield* CurrentActor,
              toOffsetLimit(urlParams),
            )
            return { configs: items.map(toGalleryConfig), ...toPageFields(urlParams, total, items.length) }
          }),
        )
        .handle("getGalleryConfig", ({ path }) =>
          Effect.gen(function* () {
            return { config: toGalleryConfig(yield* assistants.getPublished(yield* CurrentActor, path.id)) }
          }),
        )
        .handle("saveConfig", ({ path }) =>
          withMessage(
            Effect.flatMap(CurrentActor, (actor) => assistants.save(actor, path.id)),
            "Config saved to your collection",
          ),
        )
        .handle("unsaveConfig", ({ path }) =>
          withMessage(
            Effect.flatMap(CurrentActor, (actor) => assistants.unsave(actor, path.id)),
            "Config removed from your collection",
          ),
        )
        .handle("useConfig", ({ path }) =>
          Effect.gen(function* () {
            const copy = yield* assistants.copyFromGallery(yield* CurrentActor, path.id)
            return { config: toConfig(copy), message: "Config copied to your collection" }
          }),
        )
    }),
})
