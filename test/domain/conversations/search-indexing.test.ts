import { expect } from "bun:test"
import { Chunk, Effect, Stream } from "effect"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { Generations } from "../../../src/domain/generation/Generations"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, Latch, waitFor } from "../../support/ScriptedProvider/Script"
import * as TestLayer from "../../support/testLayer"

layer(TestLayer.layer())("Search indexing", (it) => {
  it.live("indexes a prompt while its answer is generated, and an answer once it is finished", () =>
    Effect.gen(function* () {
      const actor = yield* TestLayer.newActor()
      const conversations = yield* Conversations
      const generations = yield* Generations
      const provider = yield* Provider
      const send = Effect.fn(function* (content: string) {
        const { conversation } = yield* conversations.getOrCreateEmpty(actor)
        return yield* generations.start(actor, { conversationId: conversation.id, content })
      })
      const search = (text: string) =>
        Effect.map(conversations.searchMessages(actor, text, 10), (all) => all.map(({ content }) => content))

      const gate = new Latch()
      yield* provider.script(answer("Hel", waitFor(gate), "lo"))
      const long = yield* send("Greet me")
      yield* search("greet").pipe(
        Effect.delay("50 millis"),
        Effect.repeat({ until: ([content]) => content === "Greet me" }),
      )
      expect(yield* search("hel")).toEqual([])
      gate.open()
      yield* Stream.runDrain(long.events)
      expect([yield* search("hello"), yield* search("greet")]).toEqual([["Hello"], ["Greet me"]])

      // The answer is deleted before its first checkpoint.
      const latch = new Latch()
      yield* provider.script(answer("Never", waitFor(latch)))
      const { generation } = yield* send("Ask in vain")
      yield* conversations.removeMessage(actor, generation.answerId ?? generation.promptId)
      expect(yield* search("in vain")).toEqual(["Ask in vain"])
      latch.open()

      yield* provider.script(answer("At once"))
      const short = yield* send("Be quick")
      const events = Chunk.toReadonlyArray(yield* Stream.runCollect(short.events))
      expect(events.at(-1)?.type).toBe("completed")
      expect([yield* search("quick"), yield* search("at once")]).toEqual([["Be quick"], ["At once"]])
    }),
  )
})
