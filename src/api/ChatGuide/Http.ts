import { HttpApiBuilder, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect, Layer } from "effect"
import { Conversations } from "../../domain/conversations/Conversations"
import { Generation } from "../../domain/generation/Generations"
import { Users } from "../../domain/identity/Users"
import type { User } from "../../domain/identity/Users/Model"
import * as Contract from "../../http/Contract"
import { signedIn } from "../../http/middleware/authMiddleware"
import { CurrentActor } from "../../http/middleware/RequestActor"
import { makeSessionCookie } from "../../http/middleware/SessionCookie"
import { RequestId } from "../../http/RequestId"
import * as Sse from "../../http/Sse"
import { ChatGuideApi, SignedIn } from "./Api"
import { errorShape } from "./Body"
import { chunkFrames } from "./Chunks"
import examples from "./examples.json" with { type: "json" }

const toAuthUser = (user: User) => ({
  id: user.id,
  email: user.email,
  email_confirmed_at: user.emailVerifiedAt?.toISOString() ?? null,
  created_at: user.createdAt.toISOString(),
  user_metadata: { fullName: user.name },
})

const toProfile = (user: User) => {
  const shared = { email: user.email, emailVerified: user.emailVerifiedAt !== null, fullName: user.name }
  return {
    id: user.id,
    ...shared,
    emailVerifiedAt: user.emailVerifiedAt?.toISOString() ?? null,
    metadata: { fullName: user.name },
    dbUser: { id: user.id, supabaseId: user.id, ...shared, createdAt: user.createdAt.toISOString() },
  }
}

const auth = HttpApiBuilder.group(ChatGuideApi, "auth", (handlers) =>
  Effect.gen(function* () {
    const users = yield* Users
    const sessionCookie = yield* makeSessionCookie
    return handlers
      .handle("signUp", ({ payload }) =>
        Effect.gen(function* () {
          const user = yield* users.register({ ...payload, name: payload.fullName })
          return {
            user: toAuthUser(user),
            dbUser: { id: user.id, supabaseId: user.id, email: user.email, fullName: user.name },
            message: "Sign up successful. Please check your email to verify your account.",
          }
        }),
      )
      .handle("signIn", ({ payload }) =>
        Effect.gen(function* () {
          const { user, session } = yield* users.signIn(payload.email, payload.password)
          yield* sessionCookie.set(session.cookie)
          const { accessToken, refreshToken } = session
          return { accessToken, refreshToken, user: toAuthUser(user) }
        }),
      )
      .handle("updateProfile", ({ payload }) =>
        Effect.gen(function* () {
          const user = yield* users.updateProfile(yield* CurrentActor, { name: payload.fullName })
          return toProfile(user)
        }),
      )
  }),
)

const chats = HttpApiBuilder.group(ChatGuideApi, "chats", (handlers) =>
  Effect.gen(function* () {
    const conversations = yield* Conversations
    return handlers
      .handle("createChat", ({ payload }) =>
        Effect.flatMap(CurrentActor, (actor) => conversations.openEmpty(actor, payload.title)),
      )
      .handle("listChats", () => Effect.flatMap(CurrentActor, conversations.list))
      .handle("getChat", ({ path }) =>
        Effect.flatMap(CurrentActor, (actor) => conversations.get(actor, path.id)),
      )
  }),
)

const messages = HttpApiBuilder.group(ChatGuideApi, "messages", (handlers) =>
  Effect.gen(function* () {
    const conversations = yield* Conversations
    const generation = yield* Generation
    return handlers
      .handle("listMessages", ({ path, urlParams }) =>
        Effect.flatMap(CurrentActor, (actor) => conversations.messages(actor, path.id, urlParams)),
      )
      .handle("streamMessage", ({ path, urlParams }) =>
        Effect.gen(function* () {
          const actor = yield* CurrentActor
          const lastSeen = Sse.lastEventId(yield* HttpServerRequest.HttpServerRequest)
          const { run, feed, events } = yield* generation.startOrResume(
            actor,
            { conversationId: path.id, content: urlParams.content },
            lastSeen,
          )
          const frame = chunkFrames(run, yield* RequestId)
          const response =
            run.state === "running" ? yield* Sse.follow(feed, frame, actor) : yield* Sse.rest(events, frame)
          return HttpServerResponse.setHeader(response, "x-generation-id", run.id)
        }),
      )
  }),
)

/** The chat guide's contract, answering. */
export const ChatGuide = Contract.make({
  name: "ChatGuide",
  api: ChatGuideApi,
  layer: HttpApiBuilder.api(ChatGuideApi).pipe(
    Layer.provide([auth, chats, messages]),
    Layer.provide(signedIn(SignedIn)),
  ),
  prefixes: ["/api/chats"],
  errors: errorShape,
  examples,
})
