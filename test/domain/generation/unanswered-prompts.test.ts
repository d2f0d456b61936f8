import { expect } from "bun:test"
import { Effect, Stream } from "effect"
import { Chat } from "../../../src/domain/chat/Chat"
import type { NewAttachment } from "../../../src/domain/chat/Chat/storeAttachments"
import { Conversations } from "../../../src/domain/conversations/Conversations"
import type { ConversationId } from "../../../src/domain/conversations/Conversations/Model"
import { Generations } from "../../../src/domain/generation/Generations"
import type { Generation } from "../../../src/domain/generation/Generations/Model"
import type { Actor } from "../../../src/domain/shared/Actor"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, type Script, stall, status } from "../../support/ScriptedProvider/Script"
import * as TestLayer from "../../support/testLayer"

interface Conversation {
  readonly actor: Actor
  readonly id: ConversationId
}

/** Sends a prompt, answered by this script, and waits for the end of its generation. */
const send = Effect.fn(function* (
  { actor, id }: Conversation,
  content: string,
  script: Script,
  attachments: ReadonlyArray<NewAttachment> = [],
) {
  yield* (yield* Provider).script(script)
  const { generation, events } = yield* (yield* Chat).sendPrompt(actor, id, { content, attachments })
  yield* Stream.runDrain(events)
  return generation
})

const pdf = { dataUri: `data:application/pdf;base64,${Buffer.from("%PDF-1.7").toString("base64")}` }
const rejected = (message: string, code?: string) => status(400, { error: { message, code } })

/** What happened before the prompt "And now?", and what the model gets with it. */
const cases: ReadonlyArray<
  readonly [
    name: string,
    happen: (conversation: Conversation) => Effect.Effect<unknown, unknown, Chat | Provider | Generations>,
    messages: ReadonlyArray<string>,
  ]
> = [
  [
    "failed for a moment",
    (conversation) => send(conversation, "My name is Bo.", status(503)),
    ["user: My name is Bo.\n\nAnd now?"],
  ],
  [
    "failed twice after an answer",
    (conversation) =>
      Effect.zipRight(
        send(conversation, "One", answer("1")),
        Effect.zipRight(send(conversation, "Two", status(503)), send(conversation, "Three", status(503))),
      ),
    ["user: One", "assistant: 1", "user: Two\n\nThree\n\nAnd now?"],
  ],
  [
    "was rejected with its file",
    (conversation) => send(conversation, "Read this", rejected("This model does not read PDF files."), [pdf]),
    ["user: And now?"],
  ],
  [
    "failed with its file",
    (conversation) => send(conversation, "Read this", status(503), [pdf]),
    ["user: Read this\n\nAnd now?"],
  ],
  [
    "was blocked by a content filter",
    (conversation) => send(conversation, "Something bad", rejected("Filtered", "content_filter")),
    ["user: And now?"],
  ],
  [
    "was stopped before its first word",
    ({ actor, id }) =>
      Effect.gen(function* () {
        const provider = yield* Provider
        yield* provider.script(answer(stall))
        const count = provider.requests.length
        const { generation } = yield* (yield* Chat).sendPrompt(actor, id, { content: "Wait" })
        yield* provider.received(count)
        yield* (yield* Generations).stop(actor, generation.id)
      }),
    ["user: Wait\n\nAnd now?"],
  ],
  [
    "lost its answer by deletion",
    (conversation) => withoutMessage(conversation, ({ answerId }) => answerId),
    ["user: One\n\nAnd now?"],
  ],
  [
    "was deleted, but not its answer",
    (conversation) =>
      Effect.zipRight(
        send(conversation, "Zero", answer("0")),
        withoutMessage(conversation, ({ promptId }) => promptId),
      ),
    ["user: Zero", "assistant: 0\n\n1", "user: And now?"],
  ],
]

/** Lets a prompt be answered, and deletes one of the two messages. */
const withoutMessage = Effect.fn(function* (
  conversation: Conversation,
  messageOf: (generation: Generation) => Generation["answerId"],
) {
  const id = messageOf(yield* send(conversation, "One", answer("1")))
  if (id !== null) yield* (yield* Chat).removeMessage(conversation.actor, id)
})

layer(TestLayer.layer())("The request after a prompt", (it) => {
  for (const [name, happen, messages] of cases) {
    it.live(`has no two messages of one role, and no file of the prompt, if that ${name}`, () =>
      Effect.gen(function* () {
        const actor = yield* TestLayer.newActor()
        const { conversation } = yield* (yield* Conversations).getOrCreateEmpty(actor)
        yield* (yield* Conversations).update(actor, conversation.id, { title: "Title" })
        const target = { actor, id: conversation.id }
        yield* happen(target)
        yield* send(target, "And now?", answer("Now"))
        const sent = (yield* Provider).requests.at(-1)?.body.messages ?? []
        expect(sent.map(({ role, content }) => `${role}: ${content}`)).toEqual([...messages])
      }),
    )
  }
})
