import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, Latch, waitFor } from "../../support/ScriptedProvider/Script"
import { seedConversation } from "./chatFixtures"
import { connect } from "./socketClient"

/** Seeds a conversation and connects its user with two sockets, which can emit the same event concurrently. */
const withTwoSockets = Effect.gen(function* () {
  const seed = yield* seedConversation
  const [one, two] = [yield* connect(seed.user.token), yield* connect(seed.user.token, ["polling"])]
  const emitOnBoth = (event: string, payload: unknown) =>
    Effect.all(
      [one, two].map(({ emitWithAck }) => emitWithAck(event, payload)),
      { concurrency: "unbounded" },
    )
  const listMessages = Effect.map(
    seed.app.request("GET", `/api/chat/${seed.conversation}/messages`, { token: seed.user.token }),
    ({ json }) => Object(json),
  )
  return { ...seed, one, two, emitOnBoth, listMessages }
})

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Socket.IO concurrency", (it) => {
  it.live("sends both answers in order to both sockets when they send messages concurrently", () =>
    Effect.gen(function* () {
      const { config, conversation, one, two, emitOnBoth, listMessages } = yield* withTwoSockets
      const input = { conversation_id: conversation, config_id: config, message: "Go on" }
      const replies = yield* emitOnBoth("send_message", input)
      expect(replies).toMatchObject([{ ok: true }, { ok: true }])
      for (const client of [one, two]) {
        yield* client.waitForEvent("message_complete", 2)
        for (const { message_id } of replies) {
          const names = client.received.flatMap(([name, payload]) =>
            payload["message_id"] === message_id && name !== "message_chunk" ? [name] : [],
          )
          expect(names).toEqual(["message_start", "message_complete"])
        }
        expect(client.payloads("message_saved").length).toBe(2)
      }
      const { total, messages } = yield* listMessages
      expect(total).toBe(6)
      const stored = messages.map(({ id }: { id: string }) => id)
      expect(stored).toEqual(expect.arrayContaining(replies.map(({ message_id }) => message_id)))
    }),
  )

  it.live("leaves one answer when two sockets regenerate it concurrently", () =>
    Effect.gen(function* () {
      const { sent, one, emitOnBoth, listMessages } = yield* withTwoSockets
      const replies = yield* emitOnBoth("regenerate_message", { message_id: sent.at("assistant_message.id") })
      const accepted = replies.filter(({ ok }) => ok === true)
      expect(accepted.length).toBeGreaterThan(0)
      for (const { ok, code } of replies) if (ok !== true) expect(code).toBe("MESSAGE_NOT_FOUND")
      yield* one.waitForEvent("message_complete")
      const { total, messages } = yield* listMessages
      expect(total).toBe(2)
      expect(accepted.map(({ message_id }) => message_id)).toContain(messages[1].id)
    }),
  )

  it.live("reports a stopped answer once to each socket when both stop it concurrently", () =>
    Effect.gen(function* () {
      const { config, conversation, one, two, emitOnBoth, listMessages } = yield* withTwoSockets
      yield* (yield* Provider).script(answer("Half", waitFor(new Latch())), answer("Whole"))
      const input = { conversation_id: conversation, config_id: config, message: "Go on" }
      const { message_id } = yield* one.emitWithAck("send_message", input)
      yield* one.waitForEvent("message_chunk")
      const stopped = { message_id, conversation_id: conversation }
      expect(yield* emitOnBoth("stop_generation", { message_id })).toEqual([
        { ok: true, ...stopped },
        { ok: true, ...stopped },
      ])
      yield* emitOnBoth("send_message", { ...input, message: "And now?" })
      for (const client of [one, two]) {
        yield* client.waitForEvent("message_complete", 2)
        expect(client.payloads("generation_stopped")).toEqual([stopped])
      }
      expect((yield* listMessages).messages[3]).toMatchObject({ id: message_id, content: "Half" })
    }),
  )
})
