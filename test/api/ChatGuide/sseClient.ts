import { Effect } from "effect"
import { App, type TestResponse, type TestUser } from "../../support/App"

/** One event's data, as the guide documents it. */
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

export const said = (chunks: ReadonlyArray<StreamChunk>) =>
  chunks
    .filter(({ role }) => role === "assistant")
    .map(({ content }) => content)
    .join("")

interface Stored {
  readonly id: string
  readonly role: string
  readonly content: string
  readonly createdAt: string
}

export const stored = Effect.fn(function* ({ token }: TestUser, chat: string) {
  const { json } = yield* (yield* App).request("GET", `/api/chats/${chat}/messages`, { token })
  return (json as { data: { items: ReadonlyArray<Stored> } }).data.items
})

export const newChat = Effect.gen(function* () {
  const app = yield* App
  const person = yield* app.newUser()
  return { app, person, chat: yield* app.newChat(person) }
})

type Reader = Pick<ReadableStreamDefaultReader<Uint8Array>, "read" | "cancel">

/** Reads an answer until it holds `text`; the rest can be read on, or left. */
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

export const readerOf = (response: Response): Reader => {
  if (response.body === null) throw new Error("There is no body")
  return response.body.getReader()
}

/** The response, which breaks off like a lost connection when the signal says so, to be tried again soon. */
export const breakable = (response: Response, signal: AbortSignal): Response => {
  if (response.body === null) return response
  const reader = response.body.getReader()
  const lost = new Promise<never>((_, reject) =>
    signal.addEventListener("abort", () => reject(new Error("lost"))),
  )
  lost.catch(() => {})
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode("retry: 10\n\n")),
    async pull(controller) {
      const { value, done } = await Promise.race([reader.read(), lost])
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: () => reader.cancel(),
  })
  return new Response(body, response)
}
