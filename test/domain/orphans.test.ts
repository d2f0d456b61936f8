import { expect } from "bun:test"
import { Chunk, Effect, Stream } from "effect"
import { Conversations } from "../../src/domain/conversation/Conversations"
import { Generation } from "../../src/domain/conversation/Generation"
import { RunClosing } from "../../src/domain/conversation/Generation/Closing"
import * as Domains from "../support/Domains"
import { layer } from "../support/it"
import { Provider } from "../support/Provider"
import { answer, Gate, hold } from "../support/Provider/Script"

layer(Domains.layer())("A run taken for lost", (it) => {
  it.live("keeps what its server wrote down while it was being closed", () =>
    Effect.gen(function* () {
      const actor = yield* Domains.newActor()
      const conversations = yield* Conversations
      const generation = yield* Generation
      const gate = new Gate()
      yield* (yield* Provider).script(answer("Hel", hold(gate), "lo"))
      const { conversation } = yield* conversations.openEmpty(actor)
      const { run, events } = yield* generation.start(actor, {
        conversationId: conversation.id,
        content: "Greet me",
      })
      const said = Effect.map(
        conversations.messages(actor, conversation.id, { page: 1, limit: 10 }),
        ({ items }) => items.map(({ content }) => content),
      )
      yield* said.pipe(
        Effect.delay("50 millis"),
        Effect.repeat({ until: ([, content]) => content === "Hel" }),
      )

      // As it was seen before the last checkpoint.
      const { closeOrphan } = yield* RunClosing
      const orphan = {
        id: run.id,
        conversationId: run.conversationId,
        promptId: run.promptId,
        answerId: run.answerId ?? run.promptId,
        model: run.model,
        startedAt: run.startedAt,
        previousId: null,
        content: "Greet me",
        promptedAt: run.startedAt,
        said: "",
        lastSeq: -1,
        stopRequested: false,
      }
      expect(yield* closeOrphan(orphan)).toBe(true)
      gate.open()
      const seen = Chunk.toReadonlyArray(yield* Stream.runCollect(events))
      expect(seen.at(-1)?.type).toBe("interrupted")
      expect(yield* said).toEqual(["Greet me", "Hel"])
      const again = yield* generation.events(actor, run.id, -1)
      expect(again.run).toMatchObject({ state: "interrupted", answerId: run.answerId })
    }).pipe(Effect.provide(RunClosing.Default)),
  )
})
