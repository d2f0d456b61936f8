import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Chunk, Effect, Stream } from "effect"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { Generations } from "../../../src/domain/generation/Generations"
import { GenerationFinalizer } from "../../../src/domain/generation/Generations/GenerationFinalizer"
import { GenerationsRepo } from "../../../src/domain/generation/Generations/Repo"
import { Usage } from "../../../src/domain/operations/Usage"
import { Node } from "../../../src/domain/shared/Node"
import { estimateTokens, tokensPerMessage } from "../../../src/domain/shared/TokenEstimate"
import { listenerApplicationName } from "../../../src/infra/postgres/Node"
import { postgresUnavailable } from "../../support/Database"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, Latch, type Step, waitFor } from "../../support/ScriptedProvider/Script"
import * as TestLayer from "../../support/testLayer"

/** Starts a generation, waits until "Hel" is persisted, and returns it also as another node's reaper reads it. */
const startOrphanable = Effect.fnUntraced(function* (...rest: ReadonlyArray<string | Step>) {
  const actor = yield* TestLayer.newActor()
  const conversations = yield* Conversations
  const generations = yield* Generations
  const provider = yield* Provider
  const before = provider.requests.length
  yield* provider.script(answer("Hel", ...rest))
  const { conversation } = yield* conversations.getOrCreateEmpty(actor)
  const { generation, events } = yield* generations.start(actor, {
    conversationId: conversation.id,
    content: "Greet me",
  })
  const contents = Effect.map(
    conversations.messages(actor, conversation.id, { page: 1, limit: 10 }),
    ({ items }) => items.map(({ content }) => content),
  )
  yield* contents.pipe(
    Effect.delay("50 millis"),
    Effect.repeat({ until: ([, content]) => content === "Hel" }),
  )
  const orphans = yield* (yield* GenerationsRepo).orphansOf((yield* Node).id)
  const orphan = yield* Effect.fromNullable(orphans.find(({ id }) => id === generation.id))
  return { actor, generation, events, contents, orphan, providerCall: yield* provider.received(before) }
}, Effect.provide(GenerationsRepo.Default))

layer(TestLayer.layer())("Generations of a node that lost its database connection", (it) => {
  it.live(
    "ends the subscription on reconnect when another node has finalized the generation as an orphan",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const { id } = yield* Node
        const { events, orphan, providerCall } = yield* startOrphanable(waitFor(new Latch()))
        expect(yield* (yield* GenerationFinalizer).finalizeOrphan(orphan)).toBe(true)
        yield* sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${listenerApplicationName(id)}`
        const log = Chunk.toReadonlyArray(yield* Stream.runCollect(events))
        expect(log.at(-1)?.type).toBe("interrupted")
        expect(yield* providerCall.outcome).toBe("aborted")
      }).pipe(Effect.provide(GenerationFinalizer.Default)),
    { skipReason: postgresUnavailable },
  )

  it.live(
    "applies on reconnect a stop request that was made while disconnected",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const { id } = yield* Node
        const { generation, events } = yield* startOrphanable(waitFor(new Latch()))
        yield* sql`update generations set stop_requested_at = now() where id = ${generation.id}`
        yield* sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${listenerApplicationName(id)}`
        const log = Chunk.toReadonlyArray(yield* Stream.runCollect(events))
        expect(log.at(-1)?.type).toBe("stopped")
      }),
    { skipReason: postgresUnavailable },
  )
})

layer(TestLayer.layer())("GenerationFinalizer.finalizeOrphan", (it) => {
  it.live("keeps text that the orphan's node persists concurrently", () =>
    Effect.gen(function* () {
      const gate = new Latch()
      const { actor, generation, events, contents, orphan } = yield* startOrphanable(waitFor(gate), "lo")
      const { finalizeOrphan } = yield* GenerationFinalizer
      expect(yield* finalizeOrphan({ ...orphan, partialContent: "", lastSeq: -1 })).toBe(true)
      gate.open()
      const log = Chunk.toReadonlyArray(yield* Stream.runCollect(events))
      expect(log.at(-1)?.type).toBe("interrupted")
      expect(yield* contents).toEqual(["Greet me", "Hel"])
      const stored = yield* (yield* Generations).events(actor, generation.id, -1)
      expect(stored.generation).toMatchObject({ state: "interrupted", answerId: generation.answerId })
    }).pipe(Effect.provide(GenerationFinalizer.Default)),
  )

  it.live("charges the prompt and the persisted text, and aborts the provider's call", () =>
    Effect.gen(function* () {
      const [gate, never] = [new Latch(), new Latch()]
      const { actor, events, orphan, providerCall } = yield* startOrphanable(
        waitFor(gate),
        "lo",
        waitFor(never),
        "!",
      )
      const { finalizeOrphan } = yield* GenerationFinalizer
      expect(yield* finalizeOrphan(orphan)).toBe(true)
      const promptTokens = estimateTokens("Greet me") + tokensPerMessage
      expect((yield* (yield* Usage).getAccount(actor)).tokensUsed).toBe(promptTokens + estimateTokens("Hel"))
      gate.open()
      const log = Chunk.toReadonlyArray(yield* Stream.runCollect(events))
      expect(log.at(-1)?.type).toBe("interrupted")
      expect(yield* providerCall.outcome).toBe("aborted")
    }).pipe(Effect.provide(GenerationFinalizer.Default)),
  )
})
