import { HttpApiBuilder, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect, Layer } from "effect"
import { Conversations } from "../../domain/conversations/Conversations"
import { Generations } from "../../domain/generation/Generations"
import { Users } from "../../domain/identity/Users"
import type { User } from "../../domain/identity/Users/Model"
import * as Contract from "../../http/Contract"
import { authMiddleware } from "../../http/middleware/authMiddleware"
import { CurrentActor } from "../../http/middleware/RequestActor"
import { makeSessionCookie } from "../../http/middleware/SessionCookie"
import { RequestId } from "../../http/RequestId"
import * as Sse from "../../http/Sse"
import { Authentication, ChatGuideApi } from "./Api"
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
        Effect.flatMap(CurrentActor, (actor) => conversations.getOrCreateEmpty(actor, payload.title)),
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
    const generations = yield* Generations
    return handlers
      .handle("listMessages", ({ path, urlParams }) =>
        Effect.flatMap(CurrentActor, (actor) => conversations.messages(actor, path.id, urlParams)),
      )
      .handle("streamMessage", ({ path, urlParams }) =>
        Effect.gen(function* () {
          const actor = yield* CurrentActor
          const lastSeen = Sse.lastEventId(yield* HttpServerRequest.HttpServerRequest)
          const { generation, openSource, events } = yield* generations.startOrResume(
            actor,
            { conversationId: path.id, content: urlParams.content },
            lastSeen,
          )
          const frame = chunkFrames(generation, yield* RequestId)
          const response =
            generation.state === "running"
              ? yield* Sse.streamPullSource(openSource, frame, actor)
              : yield* Sse.replay(events, frame)
          return HttpServerResponse.setHeader(response, "x-generation-id", generation.id)
        }),
      )
  }),
)

/** Implements the ChatGuide contract. */
export const ChatGuide = Contract.make({
  name: "ChatGuide",
  api: ChatGuideApi,
  layer: HttpApiBuilder.api(ChatGuideApi).pipe(
    Layer.provide([auth, chats, messages]),
    Layer.provide(authMiddleware(Authentication)),
  ),
  prefixes: ["/api/chats"],
  errors: errorShape,
  examples,
})
