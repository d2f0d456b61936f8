import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { ChannelId, ChannelType } from "../../domain/messaging/Channels/Model"
import { PostId } from "../../domain/messaging/Posts/Model"
import { ReadMarkers } from "../../domain/messaging/ReadMarkers"
import { MAX_UNREAD } from "../../domain/messaging/ReadMarkers/Model"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { Fields, renamed } from "../../http/Fields"
import { LimitParam, PageParam } from "../../http/Params"
import { defineResource } from "../../http/Resource"
import { errors } from "./Errors"

const markerExample = {
  channelId: "019bc0f1-2d07-7c3a-9d52-4c6e8a0b2d77",
  type: "text",
  messageId: "019bc0f1-2d08-7c3a-9d52-0e2a4c6e8b88",
  readAt: "2026-01-15T09:30:00.000Z",
  unreadCount: 3,
}

const ReadMarkerBody = Schema.Struct({
  id: renamed("channelId", ChannelId),
  type: ChannelType.annotations({ description: "`direct` for a conversation of direct messages" }),
  postId: renamed("messageId", Schema.NullOr(PostId)).annotations({
    description: "The last message that was read, which may be deleted by now; null if there is none",
  }),
  readAt: Schema.NullOr(Schema.Date).annotations({ description: "When the marker was moved there" }),
  unreadCount: Schema.Int.annotations({
    description: `How many of the first ${MAX_UNREAD} messages after it are by others; replies are not counted`,
  }),
}).annotations({
  identifier: "ReadMarker",
  description: "Up to where the user has read a channel or conversation",
  ...example(markerExample),
})

const ReadMarkerPage = Schema.Struct({
  items: renamed("markers", Schema.Array(ReadMarkerBody)),
  total: Schema.Int.annotations({
    description: "Number of channels and conversations on all pages",
    ...example(1),
  }),
  page: Schema.Int.annotations(example(1)),
  limit: Schema.Int.annotations(example(50)),
}).annotations({ description: "A page of the markers" })

const channelId = HttpApiSchema.param(
  "id",
  ChannelId.annotations({
    description: "The id of the channel or conversation",
    ...example(markerExample.channelId),
  }),
)

const endpoints = HttpApiGroup.make("readMarkers")
  .add(
    HttpApiEndpoint.get("listReadMarkers", "/api/channels/read-markers")
      .setUrlParams(Fields({ page: PageParam(1), limit: LimitParam(50, 100) }))
      .addSuccess(ReadMarkerPage)
      .annotate(OpenApi.Summary, "List read markers")
      .annotate(
        OpenApi.Description,
        "Returns the markers and the number of unread messages of the channels and conversations whose member the user is, last active first.",
      ),
  )
  .add(
    HttpApiEndpoint.get("getReadMarker")`/api/channels/${channelId}/read-marker`
      .addSuccess(ReadMarkerBody)
      .addError(errors.ChannelNotFound)
      .addError(errors.NotPermitted)
      .annotate(OpenApi.Summary, "Get a read marker")
      .annotate(OpenApi.Description, "Returns up to where the user has read a channel. Requires `read`."),
  )
  .add(
    HttpApiEndpoint.put("setReadMarker")`/api/channels/${channelId}/read-marker`
      .setPayload(
        Fields({
          postId: renamed("messageId", PostId).annotations({
            description:
              "The message up to which the channel was read; a reply counts as its thread's first message",
          }),
        }).annotations(example({ messageId: markerExample.messageId })),
      )
      .addSuccess(ReadMarkerBody)
      .addError(errors.ChannelNotFound)
      .addError(errors.NotPermitted)
      .addError(errors.PostNotFound)
      .annotate(OpenApi.Summary, "Mark a channel as read")
      .annotate(
        OpenApi.Description,
        "Moves the marker to a message of the channel. It never moves back: an earlier message changes nothing. Requires `read`.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Read markers")
  .annotate(
    OpenApi.Description,
    "Up to where a user has read channels and direct messages, on all of their devices.",
  )

export const readMarkers = defineResource({
  group: endpoints,
  prefixes: ["/api/channels"],
  handlers: (handlers) =>
    Effect.map(ReadMarkers, (markers) =>
      handlers
        .handle(
          "listReadMarkers",
          withActor((actor, { urlParams: { page, limit } }) =>
            Effect.map(markers.list(actor, { offset: (page - 1) * limit, limit }), (result) => ({
              ...result,
              page,
              limit,
            })),
          ),
        )
        .handle(
          "getReadMarker",
          withActor((actor, { path }) => markers.get(actor, path.id)),
        )
        .handle(
          "setReadMarker",
          withActor((actor, { path, payload }) => markers.set(actor, path.id, payload.postId)),
        ),
    ),
})
