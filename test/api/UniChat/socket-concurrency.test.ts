import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/Provider"
import { answer, Latch, waitFor } from "../../support/Provider/Script"
import { seedConversation } from "./chatFixtures"
import { connect } from "./socketClient"

/** Somebody who talks, on two sockets; what both say at once, and what they are called back with. */
const onTwoSockets = Effect.gen(function* () {
  const talk = yield* seedConversation
  const [one, two] = [yield* connect(talk.user.token), yield* connect(talk.user.token, ["polling"])]
  const both = (event: string, payload: unknown) =>
    Effect.all(
      [one, two].map(({ ask }) => ask(event, payload)),
      { concurrency: "unbounded" },
    )
  const list = Effect.map(
    talk.app.request("GET", `/api/chat/${talk.conversation}/messages`, { token: talk.user.token }),
    ({ json }) => Object(json),
  )
  return { ...talk, one, two, both, list }
})

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Two sockets of a user at once", (it) => {
  it.live("say something each, and both hear both answers, each in its order", () =>
    Effect.gen(function* () {
      const { config, conversation, one, two, both, list } = yield* onTwoSockets
      const said = { conversation_id: conversation, config_id: config, message: "Go on" }
      const told = yield* both("send_message", said)
      expect(told).toMatchObject([{ ok: true }, { ok: true }])
      for (const listener of [one, two]) {
        yield* listener.until("message_complete", 2)
        for (const { message_id } of told) {
          const names = listener.heard.flatMap(([name, payload]) =>
            payload["message_id"] === message_id && name !== "message_chunk" ? [name] : [],
          )
          expect(names).toEqual(["message_start", "message_complete"])
        }
        expect(listener.payloads("message_saved").length).toBe(2)
      }
      const { total, messages } = yield* list
      expect(total).toBe(6)
      const kept = messages.map(({ id }: { id: string }) => id)
      expect(kept).toEqual(expect.arrayContaining(told.map(({ message_id }) => message_id)))
    }),
  )

  it.live("regenerate an answer, and one is left", () =>
    Effect.gen(function* () {
      const { sent, one, both, list } = yield* onTwoSockets
      const told = yield* both("regenerate_message", { message_id: sent.at("assistant_message.id") })
      const done = told.filter(({ ok }) => ok === true)
      expect(done.length).toBeGreaterThan(0)
      for (const { ok, code } of told) if (ok !== true) expect(code).toBe("MESSAGE_NOT_FOUND")
      yield* one.until("message_complete")
      const { total, messages } = yield* list
      expect(total).toBe(2)
      expect(done.map(({ message_id }) => message_id)).toContain(messages[1].id)
    }),
  )

  it.live("stop an answer, and are both told so, once", () =>
    Effect.gen(function* () {
      const { config, conversation, one, two, both, list } = yield* onTwoSockets
      yield* (yield* Provider).script(answer("Half", waitFor(new Latch())), answer("Whole"))
      const said = { conversation_id: conversation, config_id: config, message: "Go on" }
      const { message_id } = yield* one.ask("send_message", said)
      yield* one.until("message_chunk")
      const stopped = { message_id, conversation_id: conversation }
      expect(yield* both("stop_generation", { message_id })).toEqual([
        { ok: true, ...stopped },
        { ok: true, ...stopped },
      ])
      yield* both("send_message", { ...said, message: "And now?" })
      for (const listener of [one, two]) {
        yield* listener.until("message_complete", 2)
        expect(listener.payloads("generation_stopped")).toEqual([stopped])
      }
      expect((yield* list).messages[3]).toMatchObject({ id: message_id, content: "Half" })
    }),
  )
})
