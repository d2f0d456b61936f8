import { Effect } from "effect"
import { Assistants } from "../../../domain/assistants/Assistants"
import { withActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { paged } from "../Paging"
import { endpoints } from "./Endpoints"

export const adminTemplates = defineResource({
  group: endpoints,
  prefixes: [],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const assistants = yield* Assistants
      return handlers
        .handle(
          "listTemplates",
          withActor((actor, { urlParams }) =>
            paged(urlParams, (range) => assistants.listTemplatesForAdmin(actor, range)),
          ),
        )
        .handle(
          "createTemplate",
          withActor((actor, { payload }) => assistants.createTemplate(actor, payload)),
        )
        .handle(
          "updateTemplate",
          withActor((actor, { path, payload }) => assistants.updateTemplate(actor, path.id, payload)),
        )
        .handle(
          "deleteTemplate",
          withActor((actor, { path }) => assistants.removeTemplate(actor, path.id)),
        )
    }),
})
