import { Effect } from "effect"
import { Assistants } from "../../../domain/assistants/Assistants"
import { withActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { paged } from "../Paging"
import { endpoints } from "./Endpoints"

export const gallery = defineResource({
  group: endpoints,
  prefixes: ["/api/gallery"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const assistants = yield* Assistants
      return handlers
        .handle(
          "browseGallery",
          withActor((actor, { urlParams }) =>
            paged(urlParams, (range) => assistants.browse(actor, urlParams, range)),
          ),
        )
        .handle(
          "galleryTemplates",
          withActor((actor, { urlParams }) =>
            paged(urlParams, (range) => assistants.templates(actor, range)),
          ),
        )
        .handle(
          "savedConfigs",
          withActor((actor, { urlParams }) =>
            paged(urlParams, (range) => assistants.listSaved(actor, range)),
          ),
        )
        .handle(
          "getGalleryConfig",
          withActor((actor, { path }) => assistants.getPublished(actor, path.id)),
        )
        .handle(
          "saveConfig",
          withActor((actor, { path }) => assistants.save(actor, path.id)),
        )
        .handle(
          "unsaveConfig",
          withActor((actor, { path }) => assistants.unsave(actor, path.id)),
        )
        .handle(
          "useConfig",
          withActor((actor, { path }) =>
            Effect.map(assistants.copyFromGallery(actor, path.id), (config) => ({ config })),
          ),
        )
    }),
})
