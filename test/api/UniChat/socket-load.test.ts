import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/Provider"
import { answer, delta, Latch, pause, waitFor } from "../../support/Provider/Script"
import { promptOf } from "../../support/Provider/Wire"
import { newConfig } from "./chatFixtures"
import { connect } from "./socketClient"

const people = 50
const pieces = 20

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("A crowd", (it) => {
  it.live(
    "that streams all at once: everyone hears their own answer whole, every event in order, and nobody else's",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const provider = yield* Provider
        const all = new Latch()
        yield* provider.setResponder((request) =>
          answer(
            ...Array.from({ length: pieces }, (_, at) => [
              at === 1 ? waitFor(all) : pause(5),
              delta(`${promptOf(request)}.${at} `),
            ]).flat(),
          ),
        )
        const everyone = yield* Effect.forEach(
          Array.from({ length: people }, (_, number) => number),
          (number) =>
            Effect.gen(function* () {
              const person = yield* app.newUser()
              const config_id = yield* newConfig(person)
              const body = { title: `Number ${number}`, config_id }
              const made = yield* app.request("POST", "/api/conversations", { token: person.token, body })
              const conversation_id = made.at("conversation.id")
              const transport = number % 5 === 0 ? "polling" : "websocket"
              const listener = yield* connect(person.token, [transport])
              return { number, listener, said: { config_id, conversation_id, message: `${number}` } }
            }),
          { concurrency: 10 },
        )
        for (const { listener, said } of everyone) listener.socket.emit("send_message", said)
        // Nobody's answer goes on before everybody's has begun.
        for (const { listener } of everyone) yield* listener.until("message_chunk")
        all.open()
        for (const { listener } of everyone) yield* listener.until("message_complete")
        for (const { number, listener, said } of everyone) {
          const { names, heard } = listener
          expect(names).toEqual(["message_saved", "message_start", "message_chunk", "message_complete"])
          const content = Array.from({ length: pieces }, (_, at) => `${number}.${at} `).join("")
          const chunks = listener.payloads("message_chunk")
          expect(chunks.map((chunk) => chunk["content"]).join("")).toBe(content)
          const indexes = chunks.map(({ index }) => Number(index))
          expect(indexes).toEqual([...new Set(indexes)].toSorted((a, b) => a - b))
          expect(listener.payloads("message_complete")).toMatchObject([{ content }])
          const about = heard.slice(1).map(([, payload]) => payload["conversation_id"])
          expect(new Set(about)).toEqual(new Set([said.conversation_id]))
        }
      }),
    { timeout: 60_000 },
  )
})
