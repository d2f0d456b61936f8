import {
  HttpApi,
  HttpApiEndpoint,
  HttpApiGroup,
  HttpApiMiddleware,
  HttpApiSchema,
  OpenApi,
} from "@effect/platform"
import { Schema } from "effect"
import { ConversationId, MessageId, Prompt, Title } from "../../domain/conversations/Conversations/Model"
import { Email, EmailInput, FullName, Password } from "../../domain/identity/Users/Model"
import { UserId } from "../../domain/shared/Actor"
import { NonEmptyText, Text } from "../../domain/shared/Text"
import { RateLimits, UnsafeGet } from "../../http/Annotations"
import { Fields, nullish } from "../../http/Fields"
import { CurrentActor } from "../../http/middleware/RequestActor"
import { security } from "../../http/middleware/SessionCookie"
import { DateTimeParam, LimitParam, PageParam } from "../../http/Params"
import { rateLimits } from "../../http/RateLimitPolicy"
import { enveloped, Profile, SignedInBody, SignedUp } from "./Body"
import * as Errors from "./Errors"

/** Rejects requests that carry neither a valid bearer token nor a valid session cookie. */
export class Authentication extends HttpApiMiddleware.Tag<Authentication>()("ChatGuide/Authentication", {
  failure: Errors.Unauthenticated,
  provides: CurrentActor,
  security,
}) {}

const auth = HttpApiGroup.make("auth")
  .add(
    HttpApiEndpoint.post("signUp", "/api/auth/signup")
      .setPayload(
        Fields({
          email: Schema.propertySignature(Email).annotations({
            description: "The email address to sign in with",
          }),
          password: Schema.propertySignature(Password).annotations({ description: "8 to 256 characters" }),
          fullName: Schema.propertySignature(FullName).annotations({ description: "The user's full name" }),
        }),
      )
      .addSuccess(enveloped("The new user", SignedUp, 201), { status: 201 })
      .addError(Errors.EmailTaken)
      .annotate(RateLimits, rateLimits.signUp)
      .annotate(OpenApi.Summary, "Sign up")
      .annotate(
        OpenApi.Description,
        "Creates an account. The password must have 8 to 256 characters, without further requirements.",
      ),
  )
  .add(
    HttpApiEndpoint.post("signIn", "/api/auth/signin")
      .setPayload(
        Fields({
          email: Schema.propertySignature(EmailInput).annotations({
            description: "The account's email address",
          }),
          password: Schema.propertySignature(NonEmptyText).annotations({
            description: "The account's password",
          }),
        }),
      )
      .addSuccess(enveloped("The tokens of a new session and its user", SignedInBody))
      .addError(Errors.InvalidCredentials)
      .addError(Errors.AccountBanned)
      .annotate(RateLimits, rateLimits.signIn)
      .annotate(OpenApi.Summary, "Sign in")
      .annotate(
        OpenApi.Description,
        "Creates a session: returns an access token that is valid for 15 minutes and a refresh token, and sets the session cookie for browsers.",
      ),
  )
  .add(
    HttpApiEndpoint.patch("updateProfile", "/api/auth/me")
      .setPayload(
        Fields({
          fullName: Schema.propertySignature(FullName).annotations({
            description: "The new full name",
          }),
        }),
      )
      .addSuccess(enveloped("The updated profile", Profile))
      .addError(Errors.UserNotFound)
      .middleware(Authentication)
      .annotate(OpenApi.Summary, "Update the profile")
      .annotate(OpenApi.Description, "Changes the user's full name, which must have 1 to 100 characters."),
  )
  .annotate(OpenApi.Title, "Auth")
  .annotate(OpenApi.Description, "Accounts and sessions, as ChatGuide defines them.")

const Chat = Schema.Struct({
  id: ConversationId,
  userId: UserId,
  title: Schema.String,
  createdAt: Schema.Date,
}).annotations({ identifier: "Chat" })

const ChatMessage = Schema.Struct({
  id: MessageId,
  conversationId: Schema.propertySignature(ConversationId).pipe(Schema.fromKey("chatId")),
  role: Schema.transformLiterals(["USER", "user"], ["ASSISTANT", "assistant"]),
  content: Schema.String,
  createdAt: Schema.Date,
}).annotations({ identifier: "ChatMessage" })

const chatId = HttpApiSchema.param("id", ConversationId.annotations({ description: "The chat's id" }))

const chats = HttpApiGroup.make("chats")
  .add(
    HttpApiEndpoint.post("createChat", "/api/chats")
      .setPayload(Fields({ title: nullish(Title, "1 to 200 characters; untitled if absent") }))
      .addSuccess(
        enveloped(
          "The chat",
          Schema.Struct({
            conversation: Schema.propertySignature(Chat).pipe(Schema.fromKey("chat")),
            created: Schema.Boolean.annotations({
              description: "False when an existing empty chat was reused",
            }),
          }),
          201,
        ),
        { status: 201 },
      )
      .annotate(OpenApi.Summary, "Create a chat")
      .annotate(
        OpenApi.Description,
        "Returns the user's chat without messages if there is one; otherwise creates a chat with this title. Concurrent calls return the same chat.",
      ),
  )
  .add(
    HttpApiEndpoint.get("listChats", "/api/chats")
      .addSuccess(enveloped("The user's chats", Schema.Array(Chat)))
      .annotate(OpenApi.Summary, "List the user's chats")
      .annotate(OpenApi.Description, "Returns all chats, newest first."),
  )
  .add(
    HttpApiEndpoint.get("getChat")`/api/chats/${chatId}`
      .addSuccess(enveloped("The chat", Chat))
      .addError(Errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "Get a chat")
      .annotate(OpenApi.Description, "Returns a chat of the user."),
  )
  .middleware(Authentication)
  .annotate(OpenApi.Title, "Chats")
  .annotate(OpenApi.Description, "The user's conversations.")

const MessagePage = Schema.Struct({
  items: Schema.Array(ChatMessage),
  total: Schema.Int.annotations({ description: "The number of matching messages on all pages" }),
  page: Schema.Int,
  limit: Schema.Int,
})

const messages = HttpApiGroup.make("messages")
  .add(
    HttpApiEndpoint.get("listMessages")`/api/chats/${chatId}/messages`
      .setUrlParams(
        Fields({
          page: PageParam(1),
          limit: LimitParam(20),
          role: Schema.optional(
            ChatMessage.fields.role.annotations({
              description: "Only messages with this role",
            }),
          ),
          before: Schema.optional(DateTimeParam),
          after: Schema.optional(DateTimeParam),
          search: Schema.optional(
            Text.annotations({
              description: "Text to find literally, case-insensitively",
              jsonSchema: {},
            }),
          ),
        }),
      )
      .addSuccess(enveloped("A page of messages", MessagePage))
      .addError(Errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "List messages")
      .annotate(
        OpenApi.Description,
        "Returns a page of the chat's messages, oldest first. Filters can be combined.",
      ),
  )
  .add(
    HttpApiEndpoint.get("streamMessage")`/api/chats/${chatId}/messages/stream`
      .setUrlParams(
        Fields({ content: Schema.propertySignature(Prompt).annotations({ description: "The prompt" }) }),
      )
      .addSuccess(
        Schema.String.pipe(
          HttpApiSchema.withEncoding({ kind: "Text", contentType: "text/event-stream" }),
        ).annotations({ description: "The prompt, and the answer while it is generated" }),
      )
      .addSuccess(HttpApiSchema.Empty(204).annotations({ description: "No more events" }))
      .addError(Errors.ConversationNotFound)
      .addError(Errors.TokenLimitReached)
      .addError(Errors.ShuttingDown)
      .annotate(RateLimits, rateLimits.llm)
      .annotate(UnsafeGet, true)
      .annotate(OpenApi.Summary, "Send a prompt and stream the answer")
      .annotate(
        OpenApi.Description,
        [
          "Stores the prompt and streams the answer as server-sent events. The data of each is a JSON object `{data: {messageId, previousMessageId, chatId, role, content, index, createdAt}}`.",
          "The first event is the prompt (`role` user, `index` 0). The chunks of the answer follow (`role` assistant, `index` 1, 2, …), all with the answer's `messageId`; concatenated they are the stored answer.",
          "The answer is generated to its end even if the client disconnects. A request with `Last-Event-ID`, which EventSource sends when it reconnects, resumes after that event; if no events are left the response is 204, which makes EventSource stop reconnecting.",
          "If generation fails, the last event is named `error` and contains the reason. EventSource also fires `error` for lost connections, but without `data`. `X-Generation-Id` identifies the generation, for /api/generations.",
        ].join("\n\n"),
      ),
  )
  .middleware(Authentication)
  .annotate(OpenApi.Title, "Messages")
  .annotate(OpenApi.Description, "The messages of a chat, and answers while they are generated.")

/** The ChatGuide contract. */
export const ChatGuideApi = HttpApi.make("ChatGuide")
  .add(auth)
  .add(chats)
  .add(messages)
  .annotate(OpenApi.Title, "Parley: ChatGuide")
  .annotate(
    OpenApi.Description,
    "Chat with a model from a simple front end: sign up, create a chat, stream an answer. Successful responses are `{data, statusCode, timestamp}`.",
  )
