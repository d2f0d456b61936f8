import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { ConversationId } from "../../../domain/conversations/Conversations/Model"
import { Share, SharedConversation, ShareId } from "../../../domain/conversations/Shares/Model"
import { SecretPath } from "../../../http/Annotations"
import { Authenticated } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import { Fields, nullish, renamed } from "../../../http/Fields"
import { DateTimeParam } from "../../../http/Params"
import { errors } from "../Errors"

const shareExample = {
  id: "hVw3nTqkQ0m7b2XJc9dYtA",
  shareUrl: "https://app.example.com/shared/hVw3nTqkQ0m7b2XJc9dYtA",
  expiresAt: "2027-12-31T23:59:59.000Z",
  conversationId: "019bc0f1-2b42-7c3a-9d52-8b1f0a2c4d10",
  title: "Quantum computing",
  createdAt: "2026-01-15T10:30:00.000Z",
}

const ExpiresAt = Schema.NullOr(Schema.Date).annotations({
  description: "From then on nobody can read it; null for never",
})

const ShareBody = Schema.Struct({
  id: ShareId.annotations({ description: "Unguessable: whoever knows it may read the share" }),
  shareUrl: Schema.String.annotations({ description: "The URL of the page to read it on" }),
  expiresAt: ExpiresAt,
  conversationId: Share.fields.conversationId,
  title: Share.fields.title.annotations({ description: "The conversation's title when it was shared" }),
  createdAt: Schema.Date.annotations({ description: "The time it was shared" }),
}).annotations({ identifier: "Share", ...example(shareExample) })

const SharedConversationBody = Schema.Struct({
  ...SharedConversation.fields,
  sharedAt: Schema.Date,
  expiresAt: ExpiresAt,
}).annotations({
  identifier: "SharedConversation",
  description: "The conversation as it was when it was shared, oldest message first",
  ...example({
    id: shareExample.id,
    title: shareExample.title,
    messages: [
      { role: "user", content: "Explain quantum computing", createdAt: "2026-01-15T10:28:00.000Z" },
      { role: "assistant", content: "Quantum computing is…", createdAt: "2026-01-15T10:28:02.000Z" },
    ],
    sharedAt: shareExample.createdAt,
    expiresAt: shareExample.expiresAt,
  }),
})

const expiresAt = nullish(
  DateTimeParam.annotations({ description: "A time in the future, ISO 8601; never, if absent or null" }),
  "A time in the future, ISO 8601; never, if absent or null",
)

const path = "/api/shared-conversations"
const shareId = HttpApiSchema.param(
  "id",
  ShareId.annotations({ description: "The share's id", ...example(shareExample.id) }),
)
const shareOrConversationId = HttpApiSchema.param(
  "id",
  Schema.Union(ShareId, ConversationId).annotations({
    description: "The id of the caller's share or conversation",
    ...example(shareExample.conversationId),
  }),
)

/** The endpoints for owners. */
const ownEndpoints = HttpApiGroup.make("sharedConversations")
  .add(
    HttpApiEndpoint.get("listShares", path)
      .addSuccess(
        Schema.Array(ShareBody).annotations({ description: "The shares of the user, newest first" }),
      )
      .annotate(OpenApi.Summary, "List shares")
      .annotate(
        OpenApi.Description,
        "Returns the conversations that the user shares, including expired shares, newest first.",
      ),
  )
  .add(
    HttpApiEndpoint.post("createShare", path)
      .setPayload(
        Fields({
          conversationId: renamed("conversationId", ConversationId).annotations({
            description: "The conversation to share",
          }),
          expiresAt,
        }).annotations(
          example({ conversationId: shareExample.conversationId, expiresAt: shareExample.expiresAt }),
        ),
      )
      .addSuccess(ShareBody.annotations({ description: "The new share" }), { status: 201 })
      .addError(errors.InvalidShareExpiry)
      .addError(errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "Share a conversation")
      .annotate(
        OpenApi.Description,
        "Publishes a copy of a conversation as it is now, for whoever knows the URL. Later messages and edits do not appear in it. Deleting the conversation or the account deletes the copy.",
      ),
  )
  .add(
    HttpApiEndpoint.post("shareAgain")`/api/shared-conversations/${shareOrConversationId}/share`
      .setPayload(Fields({ expiresAt }).annotations(example({ expiresAt: shareExample.expiresAt })))
      .addSuccess(ShareBody.annotations({ description: "The new share" }), { status: 201 })
      .addError(errors.InvalidShareExpiry)
      .addError(errors.ConversationNotFound)
      .addError(errors.ShareNotFound)
      .addError(errors.ShareExpired)
      .annotate(SecretPath, true)
      .annotate(OpenApi.Summary, "Share a conversation again")
      .annotate(
        OpenApi.Description,
        "Creates a new share of a conversation, or of the conversation of an earlier share, as it is now. The earlier share stays as it is. The body is optional.",
      ),
  )
  .add(
    HttpApiEndpoint.del("revokeShare")`/api/shared-conversations/${shareId}`
      .addSuccess(HttpApiSchema.NoContent.annotations({ description: "The share was revoked" }))
      .addError(errors.ShareNotFound)
      .addError(errors.ShareExpired)
      .annotate(SecretPath, true)
      .annotate(OpenApi.Summary, "Revoke a share")
      .annotate(
        OpenApi.Description,
        "Deletes the copy. From then on, its URL responds with 410. The conversation stays.",
      ),
  )
  .middlewareEndpoints(Authenticated)

/** Those for owners, and those for everyone. */
export const endpoints = ownEndpoints
  .add(
    HttpApiEndpoint.get("readShare")`/api/shared-conversations/${shareId}`
      .addSuccess(SharedConversationBody)
      .addError(errors.ShareNotFound)
      .addError(errors.ShareExpired)
      .annotate(SecretPath, true)
      .annotate(OpenApi.Summary, "Read a shared conversation")
      .annotate(
        OpenApi.Description,
        "Returns a shared conversation to whoever knows its id, without anything about its owner.",
      ),
  )
  .add(
    HttpApiEndpoint.get("readSharePage")`/shared/${shareId}`
      .addSuccess(
        HttpApiSchema.Text({ contentType: "text/html" }).annotations({
          description: "The shared conversation as a page without scripts",
          ...example("<!doctype html><title>Quantum computing</title>…"),
        }),
      )
      .annotate(SecretPath, true)
      .annotate(OpenApi.Summary, "Read a shared conversation in a browser")
      .annotate(
        OpenApi.Description,
        "Returns the shared conversation as a page for people. An unknown id is answered with a page of status 404; a share that has expired or was revoked, with status 410.",
      ),
  )
  .annotate(OpenApi.Title, "Shared conversations")
  .annotate(OpenApi.Description, "Copies of conversations that everyone who knows their URL may read.")
