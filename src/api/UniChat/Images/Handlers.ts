import { Effect } from "effect"
import { Images } from "../../../domain/chat/Images"
import { withActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { paged } from "../Paging"
import { endpoints } from "./Endpoints"

export const images = defineResource({
  group: endpoints,
  prefixes: ["/api/image-gen"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const images = yield* Images
      return handlers
        .handle("listImageModels", () => images.models)
        .handle(
          "generateImage",
          withActor((actor, { payload }) => images.generate(actor, payload)),
        )
        .handle(
          "imageHistory",
          withActor((actor, { urlParams }) =>
            paged(urlParams, (range) => images.list(actor, urlParams.favorites, range)),
          ),
        )
        .handle(
          "deleteImage",
          withActor((actor, { path }) => images.remove(actor, path.id)),
        )
        .handle(
          "favoriteImage",
          withActor((actor, { path }) => images.toggleFavorite(actor, path.id)),
        )
    }),
})
