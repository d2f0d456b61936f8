import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Duration, Effect, Fiber, TestClock } from "effect"
import { Sessions } from "../../../src/domain/identity/Sessions"
import { layer } from "../../support/it"
import * as Domains from "../../support/testLayer"

const tags = (effects: ReadonlyArray<Effect.Effect<unknown, { readonly _tag: string }>>) =>
  Effect.forEach(effects, (effect) =>
    Effect.match(effect, { onFailure: ({ _tag }) => _tag, onSuccess: () => "open" }),
  )

layer(Domains.layer())("A session", (it) => {
  it.effect("lasts thirty days from when it was last refreshed", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { userId } = yield* Domains.newActor()
      const first = yield* sessions.open(userId)
      const kept = yield* sessions.open(userId)
      const renewed = yield* sessions.open(userId)
      yield* TestClock.adjust(Duration.days(29))
      const { refreshToken } = yield* sessions.rotate(kept.refreshToken)
      yield* sessions.renew(renewed.refreshToken)
      yield* TestClock.adjust(Duration.days(2))
      expect(
        yield* tags([sessions.renew(first.refreshToken), sessions.identifyCookie(first.cookie)]),
      ).toEqual(["RefreshRefused", "NotSignedIn"])
      for (const open of [
        sessions.renew(refreshToken),
        sessions.identifyCookie(kept.cookie),
        sessions.renew(renewed.refreshToken),
        sessions.identifyCookie(renewed.cookie),
      ]) {
        expect(yield* tags([open])).toEqual(["open"])
      }
    }),
  )

  it.live("is kept as fingerprints, from which nobody can sign in", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { userId } = yield* Domains.newActor()
      const opened = yield* sessions.open(userId)
      const sql = yield* SqlClient.SqlClient
      const rows = yield* sql<{ row: string }>`
        select s::text || r::text as row from sessions s join refresh_tokens r on r.session_id = s.id
        where s.user_id = ${userId}`
      expect(rows.length).toBe(1)
      for (const secret of [opened.cookie, opened.refreshToken, opened.accessToken]) {
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

  it.live("is over for those who were using it a moment ago, and for nobody else", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { userId } = yield* Domains.newActor()
      const [one, two] = yield* Effect.all([sessions.open(userId), sessions.open(userId)])
      const { sessionId } = yield* sessions.identify(one.accessToken)
      yield* sessions.identifyCookie(one.cookie)
      yield* sessions.end(sessionId)
      expect(
        yield* tags([
          sessions.identify(one.accessToken),
          sessions.identifyCookie(one.cookie),
          sessions.rotate(one.refreshToken),
          sessions.identify(two.accessToken),
        ]),
      ).toEqual(["NotSignedIn", "NotSignedIn", "RefreshRefused", "open"])
      yield* sessions.endAll(userId)
      expect(yield* tags([sessions.identify(two.accessToken)])).toEqual(["NotSignedIn"])
    }),
  )

  it.live("that is ended for a caller who does not stay is over all the same, or not at all", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { userId } = yield* Domains.newActor()
      for (let patience = 0; patience < 8; patience++) {
        const { accessToken } = yield* sessions.open(userId)
        const actor = yield* sessions.identify(accessToken)
        const ending = yield* Effect.fork(sessions.end(actor.sessionId))
        yield* Effect.repeatN(
          Effect.promise(() => Bun.sleep(0)),
          patience,
        )
        yield* Fiber.interrupt(ending)
        const [believed] = yield* tags([sessions.identify(accessToken)])
        const isOpen = yield* sessions.isOpen(actor)
        expect([patience, believed]).toEqual([patience, isOpen ? "open" : "NotSignedIn"])
      }
    }),
  )
})
