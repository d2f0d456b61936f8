import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Chunk, Effect, Fiber, Option, Stream } from "effect"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import type { ConversationId } from "../../../src/domain/conversations/Conversations/Model"
import { Generation } from "../../../src/domain/generation/Generations"
import type { GenerationEvent, GenerationId } from "../../../src/domain/generation/Generations/Model"
import { Usage } from "../../../src/domain/operations/Usage"
import type { Actor } from "../../../src/domain/shared/Actor"
import { layer } from "../../support/it"
import { Provider } from "../../support/Provider"
import { answer, delta, disconnect, Latch, status, usage, waitFor } from "../../support/Provider/Script"
import * as Domains from "../../support/testLayer"

const chatOf = Effect.fn(function* (actor: Actor) {
  const { conversation } = yield* (yield* Conversations).openEmpty(actor)
  return conversation.id
})

const readAll = Effect.fn(function* (actor: Actor, id: GenerationId, after = -1) {
  const { events } = yield* (yield* Generation).events(actor, id, after)
  return Chunk.toReadonlyArray(yield* Stream.runCollect(events))
})

const said = (events: ReadonlyArray<GenerationEvent>) =>
  events.map((event) => (event.type === "delta" ? event.text : "")).join("")

/** Starts a run whose provider says "Hel", waits at the gate, and then says "lo". */
const startHeld = Effect.fn(function* (actor: Actor) {
  const gate = new Latch()
  yield* (yield* Provider).script(answer("Hel", waitFor(gate), "lo"))
  const conversationId = yield* chatOf(actor)
  const { run } = yield* (yield* Generation).start(actor, { conversationId, content: "Greet me" })
  return { run, gate, conversationId }
})

const messagesOf = Effect.fn(function* (
  actor: Actor,
  { conversationId }: { readonly conversationId: ConversationId },
) {
  const conversations = yield* Conversations
  const { items } = yield* conversations.messages(actor, conversationId, { page: 1, limit: 100 })
  return items
})

layer(Domains.layer())("A generation", (it) => {
  it.live("writes prompt and answer, numbers its events from 0, and settles what the provider counted", () =>
    Effect.gen(function* () {
      const actor = yield* Domains.newActor()
      yield* (yield* Provider).script(answer("Hel", "lo", usage(12, 34)))
      const conversationId = yield* chatOf(actor)
      const { run } = yield* (yield* Generation).start(actor, { conversationId, content: "Greet me" })
      const events = yield* readAll(actor, run.id)

      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index))
      expect(events.map(({ type }) => type)).toEqual(
        expect.arrayContaining(["prompt", "started", "delta", "completed"]),
      )
      expect(said(events)).toBe("Hello")
      expect(events.at(-1)).toMatchObject({
        type: "completed",
        reason: "stop",
        usage: { promptTokens: 12, completionTokens: 34 },
      })
      const messages = yield* messagesOf(actor, run)
      expect(messages.map(({ id, role, content }): Array<string> => [id, role, content])).toEqual([
        [run.promptId, "user", "Greet me"],
        [run.answerId ?? "", "assistant", "Hello"],
      ])
      const account = yield* (yield* Usage).of(actor)
      expect(account).toEqual({ tokensLimit: 100_000, tokensUsed: 46, messagesSent: 1 })
    }),
  )

  it.live("says the same to every reader, whenever they come and wherever they go on from", () =>
    Effect.gen(function* () {
      const actor = yield* Domains.newActor()
      const { run, gate } = yield* startHeld(actor)
      const early = yield* Effect.fork(readAll(actor, run.id))
      const resumed = yield* Effect.fork(readAll(actor, run.id, 1))
      gate.open()
      const all = yield* Fiber.join(early)
      expect(yield* Fiber.join(resumed)).toEqual(all.slice(2))
      expect(yield* readAll(actor, run.id)).toEqual(all)
      yield* Effect.sleep(3_500)
      expect(yield* readAll(actor, run.id)).toEqual(all)
      expect(yield* readAll(actor, run.id, 2)).toEqual(all.slice(3))
    }),
  )

  it.live("goes on when its reader goes away", () =>
    Effect.gen(function* () {
      const actor = yield* Domains.newActor()
      const { run, gate } = yield* startHeld(actor)
      const reader = yield* Effect.fork(readAll(actor, run.id))
      yield* Effect.sleep(30)
      yield* Fiber.interrupt(reader)
      gate.open()
      expect(said(yield* readAll(actor, run.id))).toBe("Hello")
    }),
  )

  it.live("stops when it is told to, keeps what was said, aborts the provider, and stays stopped", () =>
    Effect.gen(function* () {
      const actor = yield* Domains.newActor()
      const provider = yield* Provider
      const generation = yield* Generation
      const before = provider.requests.length
      const { run } = yield* startHeld(actor)
      const { events } = yield* generation.events(actor, run.id, -1)
      yield* Stream.runHead(Stream.filter(events, ({ type }) => type === "delta"))

      const stopped = yield* Effect.all([generation.stop(actor, run.id), generation.stop(actor, run.id)], {
        concurrency: 2,
      })
      expect(stopped.map(({ state }) => state)).toEqual(["stopped", "stopped"])
      expect((yield* generation.stop(actor, run.id)).state).toBe("stopped")
      expect(yield* (yield* provider.received(before)).ended).toBe("aborted")
      const log = yield* readAll(actor, run.id)
      expect(log.at(-1)?.type).toBe("stopped")
      expect((yield* messagesOf(actor, run)).map(({ content }) => content)).toEqual(["Greet me", "Hel"])
      const sql = yield* SqlClient.SqlClient
      const [account] =
        yield* sql`select tokens_reserved::int as reserved from usage_accounts where user_id = ${actor.userId}`
      expect(account).toEqual({ reserved: 0 })
    }),
  )

  it.live("that fails before it says anything leaves the prompt alone and costs nothing", () =>
    Effect.gen(function* () {
      const actor = yield* Domains.newActor()
      yield* (yield* Provider).script(status(429, {}, { "retry-after": "60" }))
      const conversationId = yield* chatOf(actor)
      const { run } = yield* (yield* Generation).start(actor, { conversationId, content: "Greet me" })
      const events = yield* readAll(actor, run.id)
      expect(events.at(-1)).toMatchObject({ type: "failed", error: { code: "MODEL_RATE_LIMITED" } })
      expect((yield* messagesOf(actor, run)).map(({ content }) => content)).toEqual(["Greet me"])
      expect((yield* (yield* Usage).of(actor)).tokensUsed).toBe(0)
    }),
  )

  it.live("that is cut off keeps what it said, and the next prompt follows on without a gap", () =>
    Effect.gen(function* () {
      const actor = yield* Domains.newActor()
      const generation = yield* Generation
      const provider = yield* Provider
      yield* provider.script(answer("Half a", disconnect), status(500), answer("Whole"))
      const conversationId = yield* chatOf(actor)
      for (const content of ["one", "two", "three"]) {
        const { run } = yield* generation.start(actor, { conversationId, content })
        yield* readAll(actor, run.id)
      }
      const messages = yield* messagesOf(actor, { conversationId })
      expect(messages.map(({ content }) => content)).toEqual(["one", "Half a", "two", "three", "Whole"])
      const sql = yield* SqlClient.SqlClient
      const positions =
        yield* sql`select position from messages where conversation_id = ${conversationId} order by position`
      expect(positions.map(({ position }) => position)).toEqual([0, 1, 2, 3, 4])
      expect(provider.requests.at(-1)?.body.messages.map(({ content }) => content)).toEqual([
        "one",
        "Half a",
        "two",
        "three",
      ])
    }),
  )

  it.live("joins the halves of a character that the provider split", () =>
    Effect.gen(function* () {
      const actor = yield* Domains.newActor()
      yield* (yield* Provider).script(answer("a\ud83d", "\ude00b\u0000", delta("c")))
      const conversationId = yield* chatOf(actor)
      const { run } = yield* (yield* Generation).start(actor, { conversationId, content: "Smile" })
      const events = yield* readAll(actor, run.id)
      expect(said(events)).toBe("a😀bc")
      expect(events.every((event) => event.type !== "delta" || event.text.isWellFormed())).toBe(true)
      expect((yield* messagesOf(actor, run)).at(-1)?.content).toBe("a😀bc")
    }),
  )

  it.live("is nobody's but its owner's", () =>
    Effect.gen(function* () {
      const generation = yield* Generation
      const actor = yield* Domains.newActor()
      const stranger = yield* Domains.newActor()
      const { run, gate, conversationId } = yield* startHeld(actor)
      const refusals = yield* Effect.all([
        Effect.flip(generation.events(stranger, run.id, -1)),
        Effect.flip(generation.stop(stranger, run.id)),
        Effect.flip(generation.start(stranger, { conversationId, content: "Mine now" })),
        Effect.flip(
          generation.startOrResume(stranger, { conversationId, content: "Greet me" }, Option.some(0)),
        ),
      ])
      expect(refusals.map(({ _tag }) => _tag)).toEqual([
        "GenerationNotFound",
        "GenerationNotFound",
        "ConversationNotFound",
        "ConversationNotFound",
      ])
      gate.open()
      expect(said(yield* readAll(actor, run.id))).toBe("Hello")
    }),
  )

  it.live("orders the prompts of many at once in one conversation", () =>
    Effect.gen(function* () {
      const actor = yield* Domains.newActor("admin")
      const generation = yield* Generation
      const conversationId = yield* chatOf(actor)
      const runs = yield* Effect.forEach(
        Array.from({ length: 10 }, (_, index) => `prompt ${index}`),
        (content) => generation.start(actor, { conversationId, content }),
        { concurrency: "unbounded" },
      )
      yield* Effect.forEach(runs, ({ run }) => readAll(actor, run.id), { concurrency: "unbounded" })
      const messages = yield* messagesOf(actor, { conversationId })
      expect(messages.length).toBe(20)
      expect(messages.map(({ role }) => role)).toEqual(
        messages.map((_, index) => (index % 2 === 0 ? "user" : "assistant")),
      )
      const times = messages.map(({ createdAt }) => createdAt.getTime())
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
    }),
  )
})
