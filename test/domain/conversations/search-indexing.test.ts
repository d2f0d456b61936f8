import { expect } from "bun:test"
import { Chunk, Effect, Stream } from "effect"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { Generation } from "../../../src/domain/generation/Generations"
import { layer } from "../../support/it"
import { Provider } from "../../support/Provider"
import { answer, Latch, waitFor } from "../../support/Provider/Script"
import * as Domains from "../../support/testLayer"

layer(Domains.layer())("What was said lately", (it) => {
  it.live("is found by its words: a prompt while it is answered, an answer when it is written", () =>
    Effect.gen(function* () {
      const actor = yield* Domains.newActor()
      const conversations = yield* Conversations
      const generation = yield* Generation
      const provider = yield* Provider
      const say = Effect.fn(function* (content: string) {
        const { conversation } = yield* conversations.openEmpty(actor)
        return yield* generation.start(actor, { conversationId: conversation.id, content })
      })
      const found = (text: string) =>
        Effect.map(conversations.searchMessages(actor, text, 10), (all) => all.map(({ content }) => content))

      const gate = new Latch()
      yield* provider.script(answer("Hel", waitFor(gate), "lo"))
      const long = yield* say("Greet me")
      yield* found("greet").pipe(
        Effect.delay("50 millis"),
        Effect.repeat({ until: ([content]) => content === "Greet me" }),
      )
      expect(yield* found("hel")).toEqual([])
      gate.open()
      yield* Stream.runDrain(long.events)
      expect([yield* found("hello"), yield* found("greet")]).toEqual([["Hello"], ["Greet me"]])

      // Whose answer is gone before it was written down for the first time.
      const lost = new Latch()
      yield* provider.script(answer("Never", waitFor(lost)))
      const { run } = yield* say("Ask in vain")
      yield* conversations.removeMessage(actor, run.answerId ?? run.promptId)
      expect(yield* found("in vain")).toEqual(["Ask in vain"])
      lost.open()

      yield* provider.script(answer("At once"))
      const short = yield* say("Be quick")
      const events = Chunk.toReadonlyArray(yield* Stream.runCollect(short.events))
      expect(events.at(-1)?.type).toBe("completed")
      expect([yield* found("quick"), yield* found("at once")]).toEqual([["Be quick"], ["At once"]])
    }),
  )
})
