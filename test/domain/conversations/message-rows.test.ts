import { expect } from "bun:test"
import { Effect, Schema, Stream } from "effect"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import { Message, MessageWithMetadata } from "../../../src/domain/conversations/Conversations/Model"
import { FileId } from "../../../src/domain/files/Files/Model"
import { Generations } from "../../../src/domain/generation/Generations"
import { IdGenerator } from "../../../src/domain/shared/Ids"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer } from "../../support/ScriptedProvider/Script"
import * as TestLayer from "../../support/testLayer"

const exactly = <A, I>(schema: Schema.Schema<A, I>) =>
  Schema.decodeUnknownSync(Schema.Array(schema), { onExcessProperty: "error" })

layer(TestLayer.layer())("Message rows that are not decoded", (it) => {
  it.live("returns exactly the fields of the model", () =>
    Effect.gen(function* () {
      const conversations = yield* Conversations
      const actor = yield* TestLayer.newActor()
      yield* (yield* Provider).script(answer("Hello"))
      const { id } = (yield* conversations.getOrCreateEmpty(actor)).conversation
      const fileId = FileId.make(yield* (yield* IdGenerator).generate)
      const attachments = [{ fileId, kind: "file" as const, name: "a", mediaType: "text/plain", size: 1 }]
      const { generation, events } = yield* (yield* Generations).start(actor, {
        conversationId: id,
        content: "Greet me",
        attachments,
      })
      yield* Stream.runDrain(events)
      yield* conversations.editPrompt(actor, generation.promptId, "Greet us")

      const range = { page: 1, limit: 10 }
      const page = yield* conversations.messages(actor, id, range)
      const filtered = yield* conversations.messages(actor, id, { ...range, search: "e" })
      expect(exactly(Message)(page.items)).toEqual(filtered.items)
      const { items } = yield* conversations.messagesWithMetadata(actor, id, { offset: 0, limit: 10 })
      const [prompt, reply] = exactly(MessageWithMetadata)(items)
      expect([prompt?.attachments, prompt?.editHistory.length, prompt?.metadata]).toEqual([
        attachments,
        1,
        null,
      ])
      expect(reply?.metadata?.model).toBe("openai/scripted")
      expect([yield* conversations.message(actor, generation.promptId)]).toEqual(items.slice(0, 1))
    }),
  )
})
