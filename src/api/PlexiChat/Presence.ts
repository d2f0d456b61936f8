import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Effect } from "effect"
import { Presence } from "../../domain/messaging/Presence"
import { Authenticated, withActor } from "../../http/Authenticated"
import { defineResource } from "../../http/Resource"
import { enveloped } from "./Envelope"
import { errors } from "./Errors"
import { PresenceBody, PresenceChangeBody } from "./PresenceBody"
import { userParam } from "./Users/Bodies"

const endpoints = HttpApiGroup.make("presence")
  .add(
    HttpApiEndpoint.get("v1GetPresence")`/v1/users/${userParam}/presence`
      .addSuccess(enveloped("The presence", PresenceBody))
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Get a user's presence")
      .annotate(
        OpenApi.Description,
        "Returns whether a user is there. Users go offline 30 seconds after their last WebSocket closed.",
      ),
  )
  .add(
    HttpApiEndpoint.put("v1SetPresence")`/v1/users/${userParam}/presence`
      .setPayload(PresenceChangeBody)
      .addSuccess(enveloped("The presence", PresenceBody))
      .addError(errors.AdminRequired)
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Set a user's presence")
      .annotate(
        OpenApi.Description,
        "Updates the fields that are present. Users may set theirs, administrators everybody's. It lasts until the user goes offline; without a WebSocket, that is 30 seconds later. Whoever shares a channel, a conversation or an organization with the user is told by a `presence` frame.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Presence")
  .annotate(OpenApi.Description, "Whether users are there, and what they are doing.")

export const presence = defineResource({
  group: endpoints,
  prefixes: [],
  handlers: (handlers) =>
    Effect.map(Presence, (presence) =>
      handlers
        .handle(
          "v1GetPresence",
          withActor((actor, { path }) => presence.get(actor, path.id)),
        )
        .handle(
          "v1SetPresence",
          withActor((actor, { path, payload }) => presence.set(actor, path.id, payload)),
        ),
    ),
})
