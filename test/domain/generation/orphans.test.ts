import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Chunk, Effect, Stream } from "effect"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { Generation } from "../../../src/domain/generation/Generations"
import { RunClosing } from "../../../src/domain/generation/Generations/GenerationFinalizer"
import { GenerationRepo } from "../../../src/domain/generation/Generations/Repo"
import { Usage } from "../../../src/domain/operations/Usage"
import { Node } from "../../../src/domain/shared/Node"
import { estimateTokens, tokensPerTurn } from "../../../src/domain/shared/TokenEstimate"
import { listenerName } from "../../../src/infra/postgres/Node"
import { postgresUnavailable } from "../../support/Database"
import { layer } from "../../support/it"
import { Provider } from "../../support/Provider"
import { answer, Latch, type Step, waitFor } from "../../support/Provider/Script"
import * as Domains from "../../support/testLayer"

/** A run that goes on, whose model has said "Hel"; and how it looks to whoever takes it for lost. */
const lostRun = Effect.fnUntraced(function* (...rest: ReadonlyArray<string | Step>) {
  const actor = yield* Domains.newActor()
  const conversations = yield* Conversations
  const generation = yield* Generation
  const provider = yield* Provider
  const asked = provider.requests.length
  yield* provider.script(answer("Hel", ...rest))
  const { conversation } = yield* conversations.openEmpty(actor)
  const { run, events } = yield* generation.start(actor, {
    conversationId: conversation.id,
    content: "Greet me",
  })
  const said = Effect.map(
    conversations.messages(actor, conversation.id, { page: 1, limit: 10 }),
    ({ items }) => items.map(({ content }) => content),
  )
  yield* said.pipe(Effect.delay("50 millis"), Effect.repeat({ until: ([, content]) => content === "Hel" }))
  const orphans = yield* (yield* GenerationRepo).orphansOf((yield* Node).id)
  const orphan = yield* Effect.fromNullable(orphans.find(({ id }) => id === run.id))
  return { actor, run, events, said, orphan, received: yield* provider.received(asked) }
}, Effect.provide(GenerationRepo.Default))

layer(Domains.layer())("A run of a server whose line was down", (it) => {
  it.live(
    "is over when the line is back, if somebody took it for lost meanwhile",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const { id } = yield* Node
        const { events, orphan, received } = yield* lostRun(waitFor(new Latch()))
        expect(yield* (yield* RunClosing).closeOrphan(orphan)).toBe(true)
        yield* sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${listenerName(id)}`
        const seen = Chunk.toReadonlyArray(yield* Stream.runCollect(events))
        expect(seen.at(-1)?.type).toBe("interrupted")
        expect(yield* received.ended).toBe("aborted")
      }).pipe(Effect.provide(RunClosing.Default)),
    { skipReason: postgresUnavailable },
  )

  it.live(
    "stops when the line is back, if somebody wished it meanwhile",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const { id } = yield* Node
        const { run, events } = yield* lostRun(waitFor(new Latch()))
        yield* sql`update generations set stop_requested_at = now() where id = ${run.id}`
        yield* sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${listenerName(id)}`
        const seen = Chunk.toReadonlyArray(yield* Stream.runCollect(events))
        expect(seen.at(-1)?.type).toBe("stopped")
      }),
    { skipReason: postgresUnavailable },
  )
})

layer(Domains.layer())("A run taken for lost", (it) => {
  it.live("keeps what its server wrote down while it was being closed", () =>
    Effect.gen(function* () {
      const gate = new Latch()
      const { actor, run, events, said, orphan } = yield* lostRun(waitFor(gate), "lo")
      const { closeOrphan } = yield* RunClosing
      expect(yield* closeOrphan({ ...orphan, said: "", lastSeq: -1 })).toBe(true)
      gate.open()
      const seen = Chunk.toReadonlyArray(yield* Stream.runCollect(events))
      expect(seen.at(-1)?.type).toBe("interrupted")
      expect(yield* said).toEqual(["Greet me", "Hel"])
      const again = yield* (yield* Generation).events(actor, run.id, -1)
      expect(again.run).toMatchObject({ state: "interrupted", answerId: run.answerId })
    }).pipe(Effect.provide(RunClosing.Default)),
  )

  it.live("is charged for what it was told and has said, and its model is not listened to any more", () =>
    Effect.gen(function* () {
      const [gate, never] = [new Latch(), new Latch()]
      const { actor, events, orphan, received } = yield* lostRun(waitFor(gate), "lo", waitFor(never), "!")
      const { closeOrphan } = yield* RunClosing
      expect(yield* closeOrphan(orphan)).toBe(true)
      const told = estimateTokens("Greet me") + tokensPerTurn
      expect((yield* (yield* Usage).of(actor)).tokensUsed).toBe(told + estimateTokens("Hel"))
      gate.open()
      const seen = Chunk.toReadonlyArray(yield* Stream.runCollect(events))
      expect(seen.at(-1)?.type).toBe("interrupted")
      expect(yield* received.ended).toBe("aborted")
    }).pipe(Effect.provide(RunClosing.Default)),
  )
})
