import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Duration, Effect, Fiber, TestClock } from "effect"
import { Sessions } from "../../../src/domain/identity/Sessions"
import { layer } from "../../support/it"
import * as TestLayer from "../../support/testLayer"

const tags = (effects: ReadonlyArray<Effect.Effect<unknown, { readonly _tag: string }>>) =>
  Effect.forEach(effects, (effect) =>
    Effect.match(effect, { onFailure: ({ _tag }) => _tag, onSuccess: () => "active" }),
  )

layer(TestLayer.layer())("Sessions", (it) => {
  it.effect("expires a session thirty days after its last refresh", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { userId } = yield* TestLayer.newActor()
      const expired = yield* sessions.create(userId)
      const refreshed = yield* sessions.create(userId)
      const renewed = yield* sessions.create(userId)
      yield* TestClock.adjust(Duration.days(29))
      const { refreshToken } = yield* sessions.refresh(refreshed.refreshToken)
      yield* sessions.renewAccessToken(renewed.refreshToken)
      yield* TestClock.adjust(Duration.days(2))
      expect(
        yield* tags([
          sessions.renewAccessToken(expired.refreshToken),
          sessions.authenticateCookie(expired.cookie),
        ]),
      ).toEqual(["InvalidRefreshToken", "Unauthenticated"])
      for (const result of [
        sessions.renewAccessToken(refreshToken),
        sessions.authenticateCookie(refreshed.cookie),
        sessions.renewAccessToken(renewed.refreshToken),
        sessions.authenticateCookie(renewed.cookie),
      ]) {
        expect(yield* tags([result])).toEqual(["active"])
      }
    }),
  )

  it.live("stores only hashes of the secrets of a session", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { userId } = yield* TestLayer.newActor()
      const session = yield* sessions.create(userId)
      const sql = yield* SqlClient.SqlClient
      const rows = yield* sql<{ row: string }>`
        select s::text || r::text as row from sessions s join refresh_tokens r on r.session_id = s.id
        where s.user_id = ${userId}`
      expect(rows.length).toBe(1)
      for (const secret of [session.cookie, session.refreshToken, session.accessToken]) {
        for (const form of [
          secret,
          Buffer.from(secret).toString("hex"),
          Buffer.from(secret, "base64url").toString("hex"),
        ]) {
          expect(rows[0]?.row).not.toContain(form)
        }
      }
    }),
  )

  it.live("rejects cached tokens and cookies at once after revocation, but not those of other sessions", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { userId } = yield* TestLayer.newActor()
      const [one, two] = yield* Effect.all([sessions.create(userId), sessions.create(userId)])
      const { sessionId } = yield* sessions.authenticate(one.accessToken)
      yield* sessions.authenticateCookie(one.cookie)
      yield* sessions.revoke(sessionId)
      expect(
        yield* tags([
          sessions.authenticate(one.accessToken),
          sessions.authenticateCookie(one.cookie),
          sessions.refresh(one.refreshToken),
          sessions.authenticate(two.accessToken),
        ]),
      ).toEqual(["Unauthenticated", "Unauthenticated", "InvalidRefreshToken", "active"])
      yield* sessions.revokeAll(userId)
      expect(yield* tags([sessions.authenticate(two.accessToken)])).toEqual(["Unauthenticated"])
    }),
  )

  it.live("revokes sessions completely or not at all when the caller is interrupted", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { userId } = yield* TestLayer.newActor()
      for (let ticks = 0; ticks < 8; ticks++) {
        const { accessToken } = yield* sessions.create(userId)
        const actor = yield* sessions.authenticate(accessToken)
        const revocation = yield* Effect.fork(sessions.revoke(actor.sessionId))
        yield* Effect.repeatN(
          Effect.promise(() => Bun.sleep(0)),
          ticks,
        )
        yield* Fiber.interrupt(revocation)
        const [outcome] = yield* tags([sessions.authenticate(accessToken)])
        const isActive = yield* sessions.isActive(actor)
        expect([ticks, outcome]).toEqual([ticks, isActive ? "active" : "Unauthenticated"])
      }
    }),
  )
})
