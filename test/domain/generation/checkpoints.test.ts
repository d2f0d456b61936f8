import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { Generation } from "../../../src/domain/generation/Generations"
import { postgresUnavailable } from "../../support/Database"
import { layer } from "../../support/it"
import { Provider } from "../../support/Provider"
import { answer, Latch, waitFor } from "../../support/Provider/Script"
import * as Domains from "../../support/testLayer"

layer(Domains.layer())("A checkpoint", (it) => {
  it.live(
    "waits for nobody who moves the prompt, and the prompt is found when the run is over",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const actor = yield* Domains.newActor()
        const conversations = yield* Conversations
        const gate = new Latch()
        yield* (yield* Provider).script(answer("Hel", waitFor(gate), "lo"))
        const { conversation } = yield* conversations.openEmpty(actor)
        const { run, events } = yield* (yield* Generation).start(actor, {
          conversationId: conversation.id,
          content: "Greet me",
        })
        const [held, enough] = yield* Effect.all([Deferred.make<void>(), Deferred.make<void>()])
        const mover = yield* sql`select from messages where id = ${run.promptId} for update`.pipe(
          Effect.zipRight(Deferred.succeed(held, undefined)),
          Effect.zipRight(Deferred.await(enough)),
          sql.withTransaction,
          Effect.fork,
        )
        yield* Deferred.await(held)
        const stored = sql<{ content: string }>`select content from messages where id = ${run.answerId}`
        yield* stored.pipe(
          Effect.delay("50 millis"),
          Effect.repeat({ until: ([message]) => message?.content === "Hel" }),
        )
        yield* Deferred.succeed(enough, undefined)
        yield* Fiber.join(mover)
        gate.open()
        yield* Stream.runDrain(events)
        const found = yield* conversations.searchMessages(actor, "greet", 10)
        expect(found.map(({ content }) => content)).toEqual(["Greet me"])
      }),
    { skipReason: postgresUnavailable },
  )
})
