import { expect } from "bun:test"
import { Effect } from "effect"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { Generations } from "../../../src/domain/generation/Generations"
import { ModelStreams } from "../../../src/domain/operations/ModelStreams"
import { AdminRequired } from "../../../src/domain/shared/Policy"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, Latch, waitFor } from "../../support/ScriptedProvider/Script"
import * as TestLayer from "../../support/testLayer"

layer(TestLayer.layer())("Open model streams", (it) => {
  it.live("lists a generation to administrators for as long as its provider is streaming", () =>
    Effect.gen(function* () {
      const admin = yield* TestLayer.newActor("admin")
      const actor = yield* TestLayer.newActor()
      const streams = yield* ModelStreams
      const generations = yield* Generations
      const provider = yield* Provider
      yield* provider.script(answer("Hel", waitFor(new Latch())))
      const { conversation } = yield* (yield* Conversations).getOrCreateEmpty(actor)
      const { generation } = yield* generations.start(actor, {
        conversationId: conversation.id,
        content: "Greet me",
      })
      yield* provider.received(0)
      expect(yield* streams.list(admin)).toEqual([
        { id: generation.id, userId: actor.userId, provider: "openai", startedAt: expect.any(Date) },
      ])
      expect(yield* Effect.flip(streams.list(actor))).toBeInstanceOf(AdminRequired)
      yield* generations.stop(actor, generation.id)
      expect(yield* streams.list(admin)).toEqual([])
    }),
  )
})
