import { Effect } from "effect"
import { App, type TestResponse, type TestUser } from "../../support/App"

/** The data of an event, as the document defines it. */
export interface StreamChunk {
  readonly messageId: string
  readonly previousMessageId: string | null
  readonly chatId: string
  readonly role: string
  readonly content: string
  readonly index: number
  readonly createdAt: string
}

export const chunksOf = ({ events }: Pick<TestResponse, "events">) =>
  events
    .filter(({ event }) => event === undefined)
    .map(({ data }) => (JSON.parse(data) as { data: StreamChunk }).data)

/** Concatenates the text of the answer's chunks. */
export const answerText = (chunks: ReadonlyArray<StreamChunk>) =>
  chunks
    .filter(({ role }) => role === "assistant")
    .map(({ content }) => content)
    .join("")

interface StoredMessage {
  readonly id: string
  readonly role: string
  readonly content: string
  readonly createdAt: string
}

export const listMessages = Effect.fn(function* ({ token }: TestUser, chat: string) {
  const { json } = yield* (yield* App).request("GET", `/api/chats/${chat}/messages`, { token })
  return (json as { data: { items: ReadonlyArray<StoredMessage> } }).data.items
})

export const newChat = Effect.gen(function* () {
  const app = yield* App
  const user = yield* app.newUser()
  return { app, user, chat: yield* app.newChat(user) }
})

type Reader = Pick<ReadableStreamDefaultReader<Uint8Array>, "read" | "cancel">

/** Reads a stream until `text` has arrived; returns what was read. The reader can be read further. */
export const readUntil = (reader: Reader, text: string) =>
  Effect.promise(async () => {
    const decoder = new TextDecoder()
    let read = ""
    while (!read.includes(text)) {
      const { value, done } = await reader.read()
      if (done) throw new Error(`The stream ended without ${text}: ${read}`)
      read += decoder.decode(value, { stream: true })
    }
    return read
  })

export const getReader = (response: Response): Reader => {
  if (response.body === null) throw new Error("The response has no body")
  return response.body.getReader()
}

/** Returns a response whose body fails like a lost connection when the signal aborts, with a short retry delay. */
export const interruptible = (response: Response, signal: AbortSignal): Response => {
  if (response.body === null) return response
  const reader = response.body.getReader()
  const connectionLost = new Promise<never>((_, reject) =>
    signal.addEventListener("abort", () => reject(new Error("connection lost"))),
  )
  connectionLost.catch(() => {})
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode("retry: 10\n\n")),
    async pull(controller) {
      const { value, done } = await Promise.race([reader.read(), connectionLost])
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: () => reader.cancel(),
  })
  return new Response(body, response)
}
