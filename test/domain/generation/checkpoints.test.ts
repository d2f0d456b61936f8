import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { Generations } from "../../../src/domain/generation/Generations"
import { postgresUnavailable } from "../../support/Database"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, Latch, waitFor } from "../../support/ScriptedProvider/Script"
import * as TestLayer from "../../support/testLayer"

layer(TestLayer.layer())("Checkpointer", (it) => {
  it.live(
    "does not wait for a lock on the prompt, which becomes searchable when the generation ends",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const actor = yield* TestLayer.newActor()
        const conversations = yield* Conversations
        const gate = new Latch()
        yield* (yield* Provider).script(answer("Hel", waitFor(gate), "lo"))
        const { conversation } = yield* conversations.getOrCreateEmpty(actor)
        const { generation, events } = yield* (yield* Generations).start(actor, {
          conversationId: conversation.id,
          content: "Greet me",
        })
        const [locked, release] = yield* Effect.all([Deferred.make<void>(), Deferred.make<void>()])
        const locker = yield* sql`select from messages where id = ${generation.promptId} for update`.pipe(
          Effect.zipRight(Deferred.succeed(locked, undefined)),
          Effect.zipRight(Deferred.await(release)),
          sql.withTransaction,
          Effect.fork,
        )
        yield* Deferred.await(locked)
        const stored = sql<{
          content: string
        }>`select content from messages where id = ${generation.answerId}`
        yield* stored.pipe(
          Effect.delay("50 millis"),
          Effect.repeat({ until: ([message]) => message?.content === "Hel" }),
        )
        yield* Deferred.succeed(release, undefined)
        yield* Fiber.join(locker)
        gate.open()
        yield* Stream.runDrain(events)
        const matches = yield* conversations.searchMessages(actor, "greet", 10)
        expect(matches.map(({ content }) => content)).toEqual(["Greet me"])
      }),
    { skipReason: postgresUnavailable },
  )
})
