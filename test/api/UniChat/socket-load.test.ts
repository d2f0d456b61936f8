import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, delta, Latch, pause, waitFor } from "../../support/ScriptedProvider/Script"
import { promptOf } from "../../support/ScriptedProvider/Wire"
import { newConfig } from "./chatFixtures"
import { connect } from "./socketClient"

const userCount = 50
const chunkCount = 20

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Socket.IO under load", (it) => {
  it.live(
    "sends every user exactly their own events, in order, while 50 users stream concurrently",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const provider = yield* Provider
        const allStarted = new Latch()
        yield* provider.setResponder((request) =>
          answer(
            ...Array.from({ length: chunkCount }, (_, at) => [
              at === 1 ? waitFor(allStarted) : pause(5),
              delta(`${promptOf(request)}.${at} `),
            ]).flat(),
          ),
        )
        const users = yield* Effect.forEach(
          Array.from({ length: userCount }, (_, number) => number),
          (number) =>
            Effect.gen(function* () {
              const user = yield* app.newUser()
              const config_id = yield* newConfig(user)
              const body = { title: `Number ${number}`, config_id }
              const created = yield* app.request("POST", "/api/conversations", { token: user.token, body })
              const conversation_id = created.at("conversation.id")
              const transport = number % 5 === 0 ? "polling" : "websocket"
              const client = yield* connect(user.token, [transport])
              return { number, client, input: { config_id, conversation_id, message: `${number}` } }
            }),
          { concurrency: 10 },
        )
        for (const { client, input } of users) client.socket.emit("send_message", input)
        // Answers continue only after all have started.
        for (const { client } of users) yield* client.waitForEvent("message_chunk")
        allStarted.open()
        for (const { client } of users) yield* client.waitForEvent("message_complete")
        for (const { number, client, input } of users) {
          const { eventNames: names, received } = client
          expect(names).toEqual(["message_saved", "message_start", "message_chunk", "message_complete"])
          const content = Array.from({ length: chunkCount }, (_, at) => `${number}.${at} `).join("")
          const chunks = client.payloads("message_chunk")
          expect(chunks.map((chunk) => chunk["content"]).join("")).toBe(content)
          const indexes = chunks.map(({ index }) => Number(index))
          expect(indexes).toEqual([...new Set(indexes)].toSorted((a, b) => a - b))
          expect(client.payloads("message_complete")).toMatchObject([{ content }])
          const conversations = received
            .slice(1)
            .filter(([event]) => event !== "change")
            .map(([, payload]) => payload["conversation_id"])
          expect(new Set(conversations)).toEqual(new Set([input.conversation_id]))
        }
      }),
    { timeout: 60_000 },
  )
})
