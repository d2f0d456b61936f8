import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { OrganizationId } from "../../../domain/identity/Organizations/Model"
import { Authenticated } from "../../../http/Authenticated"
import { Fields, optionalRenamed } from "../../../http/Fields"
import { enveloped, envelopedPage, pageParams } from "../Envelope"
import { errors } from "../Errors"
import {
  ChannelBody,
  ChannelChangeBody,
  ChannelMemberBody,
  channelId,
  memberId,
  NewChannelBody,
  NewMemberBody,
  PermissionsBody,
  PermissionsChangeBody,
} from "./Bodies"

const single = enveloped("The channel", ChannelBody)

export const endpoints = HttpApiGroup.make("channels")
  .add(
    HttpApiEndpoint.get("v1ListChannels", "/v1/channels")
      .setUrlParams(
        Fields({
          ...pageParams,
          organizationId: optionalRenamed(
            "organization_id",
            OrganizationId.annotations({ description: "Only channels of this organization" }),
          ),
        }),
      )
      .addSuccess(envelopedPage("A page of the channels", ChannelBody))
      .annotate(OpenApi.Summary, "List channels")
      .annotate(
        OpenApi.Description,
        "Returns the channels that the user is a member of, and public ones of all users and of the user's organizations, newest first.",
      ),
  )
  .add(
    HttpApiEndpoint.post("v1CreateChannel", "/v1/channels")
      .setPayload(NewChannelBody)
      .addSuccess(single, { status: 201 })
      .addError(errors.OrganizationNotFound)
      .addError(errors.NotPermitted)
      .annotate(OpenApi.Summary, "Create a channel")
      .annotate(
        OpenApi.Description,
        "Creates a channel that the user owns. One of an organization requires a member of it.",
      ),
  )
  .add(
    HttpApiEndpoint.get("v1GetChannel")`/v1/channels/${channelId}`
      .addSuccess(single)
      .addError(errors.ChannelNotFound)
      .annotate(OpenApi.Summary, "Get a channel")
      .annotate(OpenApi.Description, "Returns a channel that the user sees."),
  )
  .add(
    HttpApiEndpoint.put("v1UpdateChannel")`/v1/channels/${channelId}`
      .setPayload(ChannelChangeBody)
      .addSuccess(single)
      .addError(errors.ChannelNotFound)
      .addError(errors.NotPermitted)
      .annotate(OpenApi.Summary, "Update a channel")
      .annotate(OpenApi.Description, "Updates the fields that are present. Requires `manage_channel`."),
  )
  .add(
    HttpApiEndpoint.del("v1DeleteChannel")`/v1/channels/${channelId}`
      .addSuccess(HttpApiSchema.NoContent)
      .addError(errors.ChannelNotFound)
      .addError(errors.NotPermitted)
      .annotate(OpenApi.Summary, "Delete a channel")
      .annotate(OpenApi.Description, "Deletes the channel with its messages. Requires `manage_channel`."),
  )
  .add(
    HttpApiEndpoint.get("v1ListChannelMembers")`/v1/channels/${channelId}/members`
      .setUrlParams(Fields(pageParams))
      .addSuccess(envelopedPage("A page of the members", ChannelMemberBody))
      .addError(errors.ChannelNotFound)
      .annotate(OpenApi.Summary, "List channel members")
      .annotate(OpenApi.Description, "Returns the members in the order in which they joined."),
  )
  .add(
    HttpApiEndpoint.post("v1AddChannelMember")`/v1/channels/${channelId}/members`
      .setPayload(NewMemberBody)
      .addSuccess(enveloped("The member", ChannelMemberBody), { status: 201 })
      .addError(errors.AlreadyMember)
      .addError(errors.ChannelNotFound)
      .addError(errors.NotInOrganization)
      .addError(errors.NotPermitted)
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Add a member or join")
      .annotate(
        OpenApi.Description,
        "Adds a user, which requires `manage_members`. Users who see a public channel may add themselves.",
      ),
  )
  .add(
    HttpApiEndpoint.del("v1RemoveChannelMember")`/v1/channels/${channelId}/members/${memberId}`
      .addSuccess(HttpApiSchema.NoContent)
      .addError(errors.ChannelNotFound)
      .addError(errors.LastOwner)
      .addError(errors.MemberNotFound)
      .addError(errors.NotPermitted)
      .annotate(OpenApi.Summary, "Remove a member or leave")
      .annotate(
        OpenApi.Description,
        "Removes a member, which requires `manage_members`, or lets the user leave. The last owner stays.",
      ),
  )
  .add(
    HttpApiEndpoint.get("v1GetChannelPermissions")`/v1/channels/${channelId}/permissions`
      .addSuccess(enveloped("The permissions", PermissionsBody))
      .addError(errors.ChannelNotFound)
      .annotate(OpenApi.Summary, "Get permissions")
      .annotate(
        OpenApi.Description,
        "Returns what each role permits, and the permissions in which single users differ. Denying wins over allowing, and owners may do everything. Whoever sees a public channel without being a member may read it if members may.",
      ),
  )
  .add(
    HttpApiEndpoint.put("v1UpdateChannelPermissions")`/v1/channels/${channelId}/permissions`
      .setPayload(PermissionsChangeBody)
      .addSuccess(enveloped("The permissions", PermissionsBody))
      .addError(errors.ChannelNotFound)
      .addError(errors.NotPermitted)
      .addError(errors.UserNotFound)
      .annotate(OpenApi.Summary, "Update permissions")
      .annotate(
        OpenApi.Description,
        "Changes what roles permit, and replaces the exceptions of single users. Accepts what `GET` returns. Requires `manage_channel`, and every permission that changes.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Channels")
  .annotate(
    OpenApi.Description,
    "Channels, their members and permissions. Public channels are visible, readable and joinable for all members of their organization, or for all users if they have none; others cannot tell that a private channel exists.",
  )
