import { Duration, Effect } from "effect"
import { AccountDeletion } from "../../../domain/chat/AccountDeletion"
import { EmailVerification } from "../../../domain/identity/EmailVerification"
import { Mfa } from "../../../domain/identity/Mfa"
import { PasswordResets } from "../../../domain/identity/PasswordResets"
import { Sessions } from "../../../domain/identity/Sessions"
import { accessTokenTtl, type SessionTokens } from "../../../domain/identity/Sessions/Model"
import { Users } from "../../../domain/identity/Users"
import type { User } from "../../../domain/identity/Users/Model"
import { CurrentSettings } from "../../../domain/shared/CurrentSettings"
import { withActor } from "../../../http/Authenticated"
import { makeFrontEndOrigin } from "../../../http/middleware/FrontEndOrigin"
import { makeSessionCookie } from "../../../http/middleware/SessionCookie"
import { defineResource } from "../../../http/Resource"
import { endpoints } from "./Endpoints"

const toTokens = ({ accessToken, refreshToken }: Omit<SessionTokens, "cookie">) => ({
  accessToken,
  refreshToken,
  tokenType: "Bearer",
  expiresIn: Duration.toSeconds(accessTokenTtl),
})

export const auth = defineResource({
  group: endpoints,
  prefixes: [],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const users = yield* Users
      const sessions = yield* Sessions
      const accountDeletion = yield* AccountDeletion
      const resets = yield* PasswordResets
      const verification = yield* EmailVerification
      const settings = yield* CurrentSettings
      const mfa = yield* Mfa
      const frontEndOf = yield* makeFrontEndOrigin
      const sessionCookie = yield* makeSessionCookie

      const signedIn = (user: User, session: SessionTokens) =>
        Effect.map(sessionCookie.set(session.cookie), () => ({
          ...toTokens(session),
          user,
          motd: settings.get().motd,
        }))

      return handlers
        .handle("v1Register", ({ payload: { email, password, username, name } }) =>
          Effect.gen(function* () {
            const [localPart = ""] = email.split("@", 1)
            const input = { email, password, name: name ?? username ?? localPart }
            const user = yield* username === undefined
              ? users.register(input)
              : users.registerAs(username, input)
            return yield* signedIn(user, yield* sessions.create(user.id))
          }),
        )
        .handle("v1Login", ({ payload: { email, username = "", password } }) =>
          users.signIn(email === undefined ? { username } : { email }, password).pipe(
            Effect.flatMap(({ user, session }) => signedIn(user, session)),
            Effect.catchTag("TwoFactorRequired", ({ challengeToken, methods }) =>
              Effect.succeed({ requiresTwoFactor: true as const, challengeToken, methods }),
            ),
          ),
        )
        .handle("v1CompleteLogin", ({ payload: { challengeToken, ...proof } }) =>
          Effect.flatMap(users.completeSignIn(challengeToken, proof), ({ user, session }) =>
            signedIn(user, session),
          ),
        )
        .handle("v1SendLoginCode", ({ payload: { challengeToken, method }, request }) =>
          mfa.send(challengeToken, method, frontEndOf(request)),
        )
        .handle("v1Refresh", ({ payload }) => Effect.map(sessions.refresh(payload.refreshToken), toTokens))
        .handle(
          "v1Logout",
          withActor((actor) =>
            Effect.as(Effect.zipRight(sessions.revoke(actor.sessionId), sessionCookie.clear), {
              message: "Logged out.",
            }),
          ),
        )
        .handle("v1ForgotPassword", ({ payload }) =>
          Effect.as(resets.request(payload.email), {
            message: "If the address has an account, a mail is on its way.",
          }),
        )
        .handle("v1ResetPassword", ({ payload: { token, password } }) =>
          Effect.as(resets.reset(token, password), { message: "Password changed. Log in with it." }),
        )
        .handle("v1VerifyEmail", ({ payload }) =>
          Effect.as(verification.verify(payload.token), { message: "Email address verified." }),
        )
        .handle("v1GetMe", withActor(users.me))
        .handle(
          "v1UpdateMe",
          withActor((actor, { payload }) => users.updateOwn(actor, payload)),
        )
        .handle(
          "v1DeleteMe",
          withActor((actor) => Effect.zipRight(accountDeletion.deleteOwn(actor), sessionCookie.clear)),
        )
    }),
})
