import { expect } from "bun:test"
import { Effect, Stream } from "effect"
import { Conversations } from "../../src/domain/conversation/Conversations"
import { Generation } from "../../src/domain/conversation/Generation"
import * as Domains from "../support/Domains"
import { layer } from "../support/it"
import { Provider } from "../support/Provider"
import { answer, Gate, hold } from "../support/Provider/Script"

layer(Domains.layer({ TOKENS_LIMIT: "1000", MAX_OUTPUT_TOKENS: "300" }))("A token limit", (it) => {
  it.live("lets through only as many at once as it covers", () =>
    Effect.gen(function* () {
      const actor = yield* Domains.newActor()
      const gate = new Gate()
      const provider = yield* Provider
      yield* provider.answering(() => answer("x", hold(gate)))
      const generation = yield* Generation
      const conversations = yield* Conversations
      const { conversation } = yield* conversations.openEmpty(actor)
      const conversationId = conversation.id
      const outcomes = yield* Effect.forEach(
        Array.from({ length: 20 }, () => "hi"),
        (content) => Effect.either(generation.start(actor, { conversationId, content })),
        { concurrency: "unbounded" },
      )
      const started = outcomes.flatMap((outcome) => (outcome._tag === "Right" ? [outcome.right] : []))
      const refused = outcomes.flatMap((outcome) => (outcome._tag === "Left" ? [outcome.left._tag] : []))
      expect(started.length).toBe(3)
      expect(new Set(refused)).toEqual(new Set(["TokenLimitReached"]))
      expect(
        provider.requests.every(({ body }) => (body.max_completion_tokens ?? body.max_tokens) === 300),
      ).toBe(true)
      gate.open()
      yield* Effect.forEach(
        started,
        ({ run }) =>
          Effect.flatMap(generation.events(actor, run.id, -1), ({ events }) => Stream.runDrain(events)),
        { concurrency: "unbounded" },
      )
      const { total } = yield* conversations.messages(actor, conversationId, { page: 1, limit: 1 })
      expect(total).toBe(6)
    }),
  )
})
