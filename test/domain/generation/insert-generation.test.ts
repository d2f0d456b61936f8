import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Schema, Stream } from "effect"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import {
  ConversationId,
  type ExchangeTarget,
  MessageId,
} from "../../../src/domain/conversations/Conversations/Model"
import { FileId } from "../../../src/domain/files/Files/Model"
import { Generations } from "../../../src/domain/generation/Generations"
import { insertGeneration, StartRow } from "../../../src/domain/generation/Generations/InsertGeneration"
import { GenerationId } from "../../../src/domain/generation/Generations/Model"
import { IdGenerator } from "../../../src/domain/shared/Ids"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer } from "../../support/ScriptedProvider/Script"
import * as TestLayer from "../../support/testLayer"

layer(TestLayer.layer())("insertGeneration", (it) => {
  it.live("returns exactly the declared columns for every kind of target", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { generate } = yield* IdGenerator
      const actor = yield* TestLayer.newActor()
      yield* (yield* Provider).script(answer("Hello"))
      const { conversation } = yield* (yield* Conversations).getOrCreateEmpty(actor)
      const attachments = [
        {
          fileId: FileId.make(yield* generate),
          kind: "file" as const,
          name: "a",
          mediaType: "text/plain",
          size: 1,
        },
      ]
      const { generation, events } = yield* (yield* Generations).start(actor, {
        conversationId: conversation.id,
        content: "Greet me",
        attachments,
      })
      yield* Stream.runDrain(events)
      const newPrompt = Effect.map(generate, (id) => ({
        id: MessageId.make(id),
        content: "Again",
        attachments,
      }))
      const targets: ReadonlyArray<ExchangeTarget> = [
        { _tag: "Append", id: conversation.id, prompt: yield* newPrompt },
        {
          _tag: "NewConversation",
          id: ConversationId.make(yield* generate),
          conversation: {},
          prompt: yield* newPrompt,
        },
        { _tag: "Regenerate", promptId: generation.promptId, content: "Greet us" },
      ]
      const rows = yield* Effect.forEach(targets, (target) =>
        Effect.gen(function* () {
          return yield* insertGeneration(sql, actor, {
            id: GenerationId.make(yield* generate),
            model: "m",
            price: null,
            messageCount: 1,
            target,
            answerId: MessageId.make(yield* generate),
            budget: 10_000,
            systemTokens: 0,
            maxOutputTokens: 10,
            owner: 1,
            now: new Date(),
          })
        }),
      )
      const decoded = Schema.decodeUnknownSync(Schema.Array(StartRow), { onExcessProperty: "error" })(rows)
      expect(
        decoded.map(({ turns, deletedCount, limited }) => [turns.length, deletedCount, limited]),
      ).toEqual([
        [2, 0, true],
        [0, 0, true],
        [0, 3, true],
      ])
    }),
  )
})
