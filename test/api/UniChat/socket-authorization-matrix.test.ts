import { expect } from "bun:test"
import { Effect } from "effect"
import { io } from "socket.io-client"
import type { Assistants } from "../../../src/domain/assistants/Assistants"
import type { Arena } from "../../../src/domain/chat/Arena"
import { connectRawWebSocket } from "../../infra/socket-io/rawClient"
import { contracts } from "../../openapi/Recorder"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"
import { pixel } from "../../support/Provider/Wire"
import { compare, newConfigs } from "./arenaFixtures"
import { newConfig, send } from "./chatFixtures"
import { connect } from "./socketClient"

/** What was said to a config in a conversation with a title, with a picture, and its answer. */
const said = Effect.fn(function* (person: TestUser) {
  const app = yield* App
  const config_id = yield* newConfig(person)
  const body = { title: "Greetings", config_id }
  const made = yield* app.request("POST", "/api/conversations", { token: person.token, body })
  const conversation_id = made.at("conversation.id")
  const attachments = [`data:image/png;base64,${pixel}`]
  const sent = yield* send(person, { conversation_id, config_id, message: "hi", attachments })
  return {
    config_id,
    conversation_id,
    message_id: sent.at("assistant_message.id"),
    file: sent.at("user_message.attachments.0.id"),
  }
})

/** What was said to two configs in the arena, and the first one's answer. */
const compared = Effect.fn(function* (person: TestUser) {
  const config_ids = yield* newConfigs(person, 2)
  const { session, lanes } = yield* Effect.orDie(compare(person, config_ids, "hi"))
  return { config_ids, session_id: session.id, message_id: lanes[0]?.generation.answerId }
})

const answer = (person: TestUser) => Effect.map(said(person), ({ message_id }) => ({ message_id }))

type Sample = (person: TestUser) => Effect.Effect<object, never, App | Arena | Assistants>

/** By event: what this person may say, with ids of what is theirs alone, made anew. */
const samples: Readonly<Record<string, Sample>> = {
  send_message: (person: TestUser) =>
    Effect.map(said(person), ({ config_id, conversation_id, file }) => {
      return { config_id, conversation_id, message: "And then?", attachments: [file] }
    }),
  stop_generation: answer,
  regenerate_message: answer,
  follow_message: answer,
  arena_send_message: (person: TestUser) =>
    Effect.map(compared(person), ({ session_id, config_ids }) => {
      return { session_id, config_ids, message: "And then?" }
    }),
  arena_stop_generation: (person: TestUser) =>
    Effect.map(compared(person), ({ session_id }) => ({ session_id })),
  arena_follow_message: (person: TestUser) =>
    Effect.map(compared(person), ({ session_id, message_id }) => ({ session_id, message_id })),
}

/** Every event that clients may send, of whichever contract, and what is good for it. */
const heard = Effect.map(contracts, (all) => {
  const events = all.flatMap(
    ({ events }) => events?.groups.flatMap((group) => Object.keys(group.clientEvents)) ?? [],
  )
  expect(Object.keys(samples).toSorted()).toEqual(events.toSorted())
  return Object.entries(samples)
})

/** All that somebody can see of what was said to them, and by them. */
const seen = Effect.fn(function* ({ token }: TestUser) {
  const app = yield* App
  const ask = (path: string) => Effect.map(app.request("GET", path, { token }), ({ json }) => Object(json))
  const { conversations } = yield* ask("/api/conversations")
  const { sessions } = yield* ask("/api/arena/sessions")
  const paths = [
    ...conversations.map(({ id }: { id: string }) => `/api/chat/${id}/messages`),
    ...sessions.map(({ id }: { id: string }) => `/api/arena/sessions/${id}`),
  ]
  return [conversations, sessions, ...(yield* Effect.forEach(paths, ask))]
})

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Every event that clients send", (it) => {
  it.live(
    "on what is somebody else's, id by id, finds nothing, and leaves it as it was",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const [owner, stranger] = [yield* app.newUser(), yield* app.newUser()]
        const [owners, strangers] = [yield* connect(owner.token), yield* connect(stranger.token)]
        let refused = 0
        for (const [event, sample] of yield* heard) {
          const theirs = new Map<string, unknown>(Object.entries(yield* sample(owner)))
          const own = new Map<string, unknown>(Object.entries(yield* sample(stranger)))
          const before = yield* seen(owner)
          const secrets = [...theirs].filter(([key, value]) => !Bun.deepEquals(own.get(key), value))
          expect([event, secrets.length > 0]).toEqual([event, true])
          const mixed = secrets.map(([key, value]) => new Map([...own, [key, value]]))
          for (const payload of [theirs, ...mixed]) {
            const told = yield* strangers.ask(event, Object.fromEntries(payload))
            expect([event, told]).toMatchObject([
              event,
              { ok: false, code: expect.stringMatching(/^[A-Z_]+_NOT_FOUND$/) },
            ])
            refused++
          }
          expect(yield* seen(owner)).toEqual(before)
          expect(owners.names).toEqual([])
        }
        expect(strangers.names).toEqual(Array.from({ length: refused }, () => "error"))
        for (const [event, sample] of yield* heard) {
          const told = yield* owners.ask(event, yield* sample(owner))
          expect([event, told]).toMatchObject([event, { ok: true }])
        }
      }),
    { timeout: 40_000 },
  )

  for (const transport of ["websocket", "polling"] as const) {
    it.live(`is heard from nobody who has not signed in, over ${transport}`, () =>
      Effect.gen(function* () {
        const app = yield* App
        const owner = yield* app.newUser()
        const events = yield* Effect.forEach(yield* heard, ([event, sample]) =>
          Effect.map(sample(owner), (payload) => [event, payload] as const),
        )
        const owners = yield* connect(owner.token)
        const before = yield* seen(owner)
        for (const token of [undefined, "", "junk", owner.refreshToken]) {
          const socket = io(app.url, {
            auth: { token },
            transports: [transport],
            forceNew: true,
            reconnection: false,
          })
          const told: Array<unknown> = []
          socket.onAny((...all) => told.push(all))
          for (const [event, payload] of events)
            socket.emit(event, payload, (back: unknown) => told.push(back))
          const error = yield* Effect.promise(
            () => new Promise<Error & { data?: unknown }>((resolve) => socket.on("connect_error", resolve)),
          )
          expect([token, error.data, told]).toEqual([token, { code: "UNAUTHORIZED" }, []])
          socket.disconnect()
        }
        expect(yield* seen(owner)).toEqual(before)
        expect(owners.names).toEqual([])
      }),
    )
  }

  it.live("ends the connection of a client that says it without having come in", () =>
    Effect.gen(function* () {
      const app = yield* App
      const owner = yield* app.newUser()
      const before = yield* seen(owner)
      for (const [event, sample] of yield* heard) {
        const payload = yield* sample(owner)
        const held = yield* seen(owner)
        const client = yield* connectRawWebSocket(`${app.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`)
        expect(yield* client.next).toStartWith("0{")
        client.send(`42${JSON.stringify([event, payload])}`)
        yield* client.closed
        expect(yield* seen(owner)).toEqual(held)
      }
      expect(before).not.toEqual(yield* seen(owner))
    }),
  )
})
