import { Duration, Effect } from "effect"
import { Sessions } from "../../../domain/identity/Sessions"
import { InvalidRefreshToken } from "../../../domain/identity/Sessions/Errors"
import { accessTokenTtl, type SessionTokens } from "../../../domain/identity/Sessions/Model"
import { Users } from "../../../domain/identity/Users"
import type { User } from "../../../domain/identity/Users/Model"
import { Usage } from "../../../domain/operations/Usage"
import { CurrentActor } from "../../../http/Authenticated"
import { bearerToken } from "../../../http/middleware/Authentication"
import { makeSessionCookie } from "../../../http/middleware/SessionCookie"
import { defineResource } from "../../../http/Resource"
import { UserExistsError } from "../Errors"
import { endpoints } from "./Endpoints"

const toPublicUser = (user: User) => ({
  id: user.id,
  email: user.email,
  name: user.name,
  display_name: user.name,
  role: user.role,
  avatar_url: user.avatarUrl,
  avatar: user.avatarUrl,
  created_at: user.createdAt,
  createdAt: user.createdAt,
})

const accessTokenFields = (token: string) => ({
  token,
  access_token: token,
  token_type: "Bearer" as const,
  expires_in: Duration.toSeconds(accessTokenTtl),
})

const refreshTokenFields = (token: string) => ({ refresh_token: token, refreshToken: token })

export const auth = defineResource({
  group: endpoints,
  prefixes: ["/"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const users = yield* Users
      const sessions = yield* Sessions
      const usage = yield* Usage
      const sessionCookie = yield* makeSessionCookie

      const issueTokens = ({ accessToken, refreshToken, cookie }: SessionTokens) =>
        Effect.as(sessionCookie.set(cookie), {
          ...accessTokenFields(accessToken),
          ...refreshTokenFields(refreshToken),
        })

      return handlers
        .handle("register", ({ payload: { email, password, display_name, name } }) =>
          Effect.gen(function* () {
            const user = yield* users.register({ email, password, name: display_name ?? name ?? "" })
            const tokens = yield* issueTokens(yield* sessions.create(user.id))
            const { id } = user
            return {
              message: "Registration successful",
              user: toPublicUser(user),
              id,
              name: user.name,
              email,
              ...tokens,
            }
          }).pipe(
            Effect.mapError((error) =>
              error._tag === "EmailTaken" && display_name === undefined ? new UserExistsError() : error,
            ),
          ),
        )
        .handle("login", ({ payload }) =>
          Effect.gen(function* () {
            const { user, session } = yield* users.signIn(payload, payload.password)
            return { user: toPublicUser(user), ...(yield* issueTokens(session)) }
          }),
        )
        .handle("refresh", ({ payload, request }) =>
          Effect.gen(function* () {
            const refreshToken = payload.refreshToken ?? payload.refresh_token
            if (refreshToken !== undefined) {
              const rotated = yield* sessions.refresh(refreshToken)
              return {
                ...accessTokenFields(rotated.accessToken),
                ...refreshTokenFields(rotated.refreshToken),
              }
            }
            const bearer = bearerToken(request)
            if (bearer === undefined) return yield* new InvalidRefreshToken()
            return accessTokenFields(yield* sessions.renewAccessToken(bearer))
          }),
        )
        .handle("logout", () =>
          Effect.gen(function* () {
            yield* sessions.revoke((yield* CurrentActor).sessionId)
            yield* sessionCookie.clear
            return { success: true as const, message: "Successfully logged out" }
          }),
        )
        .handle("me", () =>
          Effect.gen(function* () {
            const actor = yield* CurrentActor
            const [user, account] = yield* Effect.all([users.me(actor), usage.getAccount(actor)], {
              concurrency: 2,
            })
            return {
              id: user.id,
              email: user.email,
              role: user.role,
              profile: { display_name: user.name, avatar_url: user.avatarUrl, bio: user.bio },
              settings: {
                theme: user.theme,
                notifications_enabled: user.notificationsEnabled,
                language: user.language,
              },
              usage: {
                messages_sent: account.messagesSent,
                tokens_used: account.tokensUsed,
                tokens_limit: account.tokensLimit,
              },
              created_at: user.createdAt.toISOString(),
            }
          }),
        )
        .handle("changePassword", ({ payload }) =>
          Effect.gen(function* () {
            const change = { current: payload.current_password, next: payload.new_password }
            yield* users.changePassword(yield* CurrentActor, change)
            return { message: "Password updated successfully" }
          }),
        )
    }),
})
