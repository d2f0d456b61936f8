import { Effect } from "effect"
import { Channels } from "../../../domain/messaging/Channels"
import { withActor } from "../../../http/Authenticated"
import { defineResource } from "../../../http/Resource"
import { paged } from "../Paging"
import { endpoints } from "./Endpoints"

export const channels = defineResource({
  group: endpoints,
  prefixes: ["/v1"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const channels = yield* Channels
      return handlers
        .handle(
          "v1ListChannels",
          withActor((actor, { urlParams }) =>
            paged(urlParams, (range) => channels.list(actor, urlParams.organizationId, range)),
          ),
        )
        .handle(
          "v1CreateChannel",
          withActor((actor, { payload }) => channels.create(actor, payload)),
        )
        .handle(
          "v1GetChannel",
          withActor((actor, { path }) => channels.get(actor, path.id)),
        )
        .handle(
          "v1UpdateChannel",
          withActor((actor, { path, payload }) => channels.update(actor, path.id, payload)),
        )
        .handle(
          "v1DeleteChannel",
          withActor((actor, { path }) => channels.delete(actor, path.id)),
        )
        .handle(
          "v1ListChannelMembers",
          withActor((actor, { path, urlParams }) =>
            paged(urlParams, (range) => channels.listMembers(actor, path.id, range)),
          ),
        )
        .handle(
          "v1AddChannelMember",
          withActor((actor, { path, payload: { userId, role } }) =>
            channels.addMember(actor, path.id, userId, role),
          ),
        )
        .handle(
          "v1RemoveChannelMember",
          withActor((actor, { path }) => channels.removeMember(actor, path.id, path.user_id)),
        )
        .handle(
          "v1GetChannelPermissions",
          withActor((actor, { path }) => channels.permissions(actor, path.id)),
        )
        .handle(
          "v1UpdateChannelPermissions",
          withActor((actor, { path, payload }) => channels.setPermissions(actor, path.id, payload)),
        )
    }),
})
