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
import { Address, Email, FullName, Password } from "../../domain/identity/Users/Model"
import { UserId } from "../../domain/shared/Actor"
import { NonEmptyText, Text } from "../../domain/shared/Text"
import { Limits, Writes } from "../../http/Annotations"
import { Fields, orNull } from "../../http/Fields"
import { CurrentActor } from "../../http/middleware/RequestActor"
import { security } from "../../http/middleware/SessionCookie"
import { DateTimeParam, LimitParam, PageParam } from "../../http/Params"
import { limits } from "../../http/RateLimitPolicy"
import { enveloped, Profile, SignedInBody, SignedUp } from "./Body"
import * as Errors from "./Errors"

/** Nobody gets past this who is not signed in, by bearer token or session cookie. */
export class SignedIn extends HttpApiMiddleware.Tag<SignedIn>()("ChatGuide/SignedIn", {
  failure: Errors.NotSignedIn,
  provides: CurrentActor,
  security,
}) {}

const auth = HttpApiGroup.make("auth")
  .add(
    HttpApiEndpoint.post("signUp", "/api/auth/signup")
      .setPayload(
        Fields({
          email: Schema.propertySignature(Email).annotations({ description: "The address to sign in with" }),
          password: Schema.propertySignature(Password).annotations({ description: "8 to 256 characters" }),
          fullName: Schema.propertySignature(FullName).annotations({ description: "The name to show" }),
        }),
      )
      .addSuccess(enveloped("The new account", SignedUp, 201), { status: 201 })
      .addError(Errors.EmailTaken)
      .annotate(Limits, limits.signUp)
      .annotate(OpenApi.Summary, "Sign up")
      .annotate(
        OpenApi.Description,
        "Makes an account. The password is 8 to 256 characters, nothing else is asked.",
      ),
  )
  .add(
    HttpApiEndpoint.post("signIn", "/api/auth/signin")
      .setPayload(
        Fields({
          email: Schema.propertySignature(Address).annotations({ description: "The address of the account" }),
          password: Schema.propertySignature(NonEmptyText).annotations({
            description: "The password of the account",
          }),
        }),
      )
      .addSuccess(enveloped("The tokens, and whose they are", SignedInBody))
      .addError(Errors.InvalidCredentials)
      .addError(Errors.AccountBanned)
      .annotate(Limits, limits.signIn)
      .annotate(OpenApi.Summary, "Sign in")
      .annotate(
        OpenApi.Description,
        "Opens a session: a bearer token for 15 minutes, a refresh token, and the session cookie for browsers.",
      ),
  )
  .add(
    HttpApiEndpoint.patch("updateProfile", "/api/auth/me")
      .setPayload(
        Fields({
          fullName: Schema.propertySignature(FullName).annotations({
            description: "The name to show from now on",
          }),
        }),
      )
      .addSuccess(enveloped("The profile as it is now", Profile))
      .addError(Errors.UserNotFound)
      .middleware(SignedIn)
      .annotate(OpenApi.Summary, "Update the profile")
      .annotate(OpenApi.Description, "Changes the signed-in user's full name: 1 to 100 characters."),
  )
  .annotate(OpenApi.Title, "Auth")
  .annotate(OpenApi.Description, "Accounts and sessions, as the chat guide has them.")

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
      .setPayload(Fields({ title: orNull(Title, "1 to 200 characters; left out, there is none yet") }))
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
        "Gives the caller's empty chat, one without messages, when there is one; makes one under this title otherwise. However many calls are made at once, they get the same chat.",
      ),
  )
  .add(
    HttpApiEndpoint.get("listChats", "/api/chats")
      .addSuccess(enveloped("The caller's chats", Schema.Array(Chat)))
      .annotate(OpenApi.Summary, "List the caller's chats")
      .annotate(OpenApi.Description, "All of them, newest first."),
  )
  .add(
    HttpApiEndpoint.get("getChat")`/api/chats/${chatId}`
      .addSuccess(enveloped("The chat", Chat))
      .addError(Errors.ConversationNotFound)
      .annotate(OpenApi.Summary, "Get a chat")
      .annotate(OpenApi.Description, "The chat, if it is the caller's."),
  )
  .middleware(SignedIn)
  .annotate(OpenApi.Title, "Chats")
  .annotate(OpenApi.Description, "Conversations of the signed-in user.")

const MessagePage = Schema.Struct({
  items: Schema.Array(ChatMessage),
  total: Schema.Int.annotations({ description: "How many messages match in all" }),
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
              description: "Only what the user, or the assistant, said",
            }),
          ),
          before: Schema.optional(DateTimeParam),
          after: Schema.optional(DateTimeParam),
          search: Schema.optional(
            Text.annotations({
              description: "Text to find as it stands, in upper or lower case",
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
        "A page of the chat's messages, oldest first; the filters can be combined.",
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
        ).annotations({ description: "The prompt, and the answer as it is written" }),
      )
      .addSuccess(
        HttpApiSchema.Empty(204).annotations({ description: "Nothing is left to say to this reader" }),
      )
      .addError(Errors.ConversationNotFound)
      .addError(Errors.TokenLimitReached)
      .addError(Errors.ShuttingDown)
      .annotate(Limits, limits.llm)
      .annotate(Writes, true)
      .annotate(OpenApi.Summary, "Send a prompt and stream the answer")
      .annotate(
        OpenApi.Description,
        [
          "Stores the prompt, then streams the answer as server-sent events, each with one JSON object `{data: {messageId, previousMessageId, chatId, role, content, index, createdAt}}`.",
          "The first event is the prompt (`role` user, `index` 0); the answer's pieces follow (`role` assistant, `index` 1, 2, …), all under the answer's `messageId`. Together they are the answer as it is stored.",
          "The answer is written whether or not anyone reads it. A reader that comes back with `Last-Event-ID`, as EventSource does by itself, goes on where it left off; when nothing is left the answer is 204, which tells EventSource to stay away.",
          "If the model fails in mid-answer, a last event named `error` says why; an `EventSource` calls lost connections `error` too, but those have no `data`. `X-Generation-Id` names the run, to stop it or read it at /api/generations.",
        ].join("\n\n"),
      ),
  )
  .middleware(SignedIn)
  .annotate(OpenApi.Title, "Messages")
  .annotate(OpenApi.Description, "What is said in a chat, and the answers as they are written.")

/** The chat guide's API, whole. */
export const ChatGuideApi = HttpApi.make("ChatGuide")
  .add(auth)
  .add(chats)
  .add(messages)
  .annotate(OpenApi.Title, "Parley: ChatGuide")
  .annotate(
    OpenApi.Description,
    "Chats with a model for a simple front end: sign up, open a chat, stream an answer. Successes are `{data, statusCode, timestamp}`.",
  )
