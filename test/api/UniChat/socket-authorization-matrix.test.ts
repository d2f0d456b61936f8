import { expect } from "bun:test"
import { Effect } from "effect"
import { io } from "socket.io-client"
import type { Assistants } from "../../../src/domain/assistants/Assistants"
import type { Arena } from "../../../src/domain/chat/Arena"
import { connectRawWebSocket } from "../../infra/socket-io/rawClient"
import { contracts } from "../../openapi/contracts"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"
import { pixel } from "../../support/ScriptedProvider/Wire"
import { compare, newConfigs } from "./arenaFixtures"
import { newConfig, send } from "./chatFixtures"
import { connect } from "./socketClient"

/** Creates a titled conversation that contains a message with an image and its answer. */
const seedChat = Effect.fn(function* (user: TestUser) {
  const app = yield* App
  const config_id = yield* newConfig(user)
  const body = { title: "Greetings", config_id }
  const created = yield* app.request("POST", "/api/conversations", { token: user.token, body })
  const conversation_id = created.at("conversation.id")
  const attachments = [`data:image/png;base64,${pixel}`]
  const sent = yield* send(user, { conversation_id, config_id, message: "hi", attachments })
  return {
    config_id,
    conversation_id,
    message_id: sent.at("assistant_message.id"),
    file: sent.at("user_message.attachments.0.id"),
  }
})

/** Creates an arena session of two configs that contains a message; returns the id of the first answer. */
const seedArenaSession = Effect.fn(function* (user: TestUser) {
  const config_ids = yield* newConfigs(user, 2)
  const { session, lanes } = yield* Effect.orDie(compare(user, config_ids, "hi"))
  return { config_ids, session_id: session.id, message_id: lanes[0]?.generation.answerId }
})

const answerId = (user: TestUser) => Effect.map(seedChat(user), ({ message_id }) => ({ message_id }))

type Sample = (user: TestUser) => Effect.Effect<object, never, App | Arena | Assistants>

/** By event: makes a valid payload whose ids belong to resources that are newly created for the user. */
const samples: Readonly<Record<string, Sample>> = {
  send_message: (user: TestUser) =>
    Effect.map(seedChat(user), ({ config_id, conversation_id, file }) => {
      return { config_id, conversation_id, message: "And then?", attachments: [file] }
    }),
  stop_generation: answerId,
  regenerate_message: answerId,
  follow_message: answerId,
  arena_send_message: (user: TestUser) =>
    Effect.map(seedArenaSession(user), ({ session_id, config_ids }) => {
      return { session_id, config_ids, message: "And then?" }
    }),
  arena_stop_generation: (user: TestUser) =>
    Effect.map(seedArenaSession(user), ({ session_id }) => ({ session_id })),
  arena_follow_message: (user: TestUser) =>
    Effect.map(seedArenaSession(user), ({ session_id, message_id }) => ({ session_id, message_id })),
}

/** The client events of all contracts, each with the function that makes a valid payload. */
const eventSamples = Effect.map(contracts, (all) => {
  const events = all.flatMap(
    ({ socket: events }) => events?.groups.flatMap((group) => Object.keys(group.clientEvents)) ?? [],
  )
  expect(Object.keys(samples).toSorted()).toEqual(events.toSorted())
  return Object.entries(samples)
})

/** Reads all conversations, arena sessions and messages of a user. */
const readAll = Effect.fn(function* ({ token }: TestUser) {
  const app = yield* App
  const get = (path: string) => Effect.map(app.request("GET", path, { token }), ({ json }) => Object(json))
  const { conversations } = yield* get("/api/conversations")
  const { sessions } = yield* get("/api/arena/sessions")
  const paths = [
    ...conversations.map(({ id }: { id: string }) => `/api/chat/${id}/messages`),
    ...sessions.map(({ id }: { id: string }) => `/api/arena/sessions/${id}`),
  ]
  return [conversations, sessions, ...(yield* Effect.forEach(paths, get))]
})

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Socket.IO authorization matrix", (it) => {
  it.live(
    "rejects every event that contains another user's id as not found and changes nothing",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const [owner, other] = [yield* app.newUser(), yield* app.newUser()]
        const [ownerClient, otherClient] = [yield* connect(owner.token), yield* connect(other.token)]
        let rejected = 0
        for (const [event, sample] of yield* eventSamples) {
          const ownerPayload = new Map<string, unknown>(Object.entries(yield* sample(owner)))
          const otherPayload = new Map<string, unknown>(Object.entries(yield* sample(other)))
          const before = yield* readAll(owner)
          const foreignIds = [...ownerPayload].filter(
            ([key, value]) => !Bun.deepEquals(otherPayload.get(key), value),
          )
          expect([event, foreignIds.length > 0]).toEqual([event, true])
          const mixed = foreignIds.map(([key, value]) => new Map([...otherPayload, [key, value]]))
          for (const payload of [ownerPayload, ...mixed]) {
            const reply = yield* otherClient.emitWithAck(event, Object.fromEntries(payload))
            expect([event, reply]).toMatchObject([
              event,
              { ok: false, code: expect.stringMatching(/^[A-Z_]+_NOT_FOUND$/) },
            ])
            rejected++
          }
          expect(yield* readAll(owner)).toEqual(before)
          expect(ownerClient.eventNames).toEqual([])
        }
        expect(otherClient.eventNames).toEqual(Array.from({ length: rejected }, () => "error"))
        for (const [event, sample] of yield* eventSamples) {
          const reply = yield* ownerClient.emitWithAck(event, yield* sample(owner))
          expect([event, reply]).toMatchObject([event, { ok: true }])
        }
      }),
    { timeout: 40_000 },
  )

  for (const transport of ["websocket", "polling"] as const) {
    it.live(`rejects every event of unauthenticated clients over ${transport}`, () =>
      Effect.gen(function* () {
        const app = yield* App
        const owner = yield* app.newUser()
        const events = yield* Effect.forEach(yield* eventSamples, ([event, sample]) =>
          Effect.map(sample(owner), (payload) => [event, payload] as const),
        )
        const ownerClient = yield* connect(owner.token)
        const before = yield* readAll(owner)
        for (const token of [undefined, "", "junk", owner.refreshToken]) {
          const socket = io(app.url, {
            auth: { token },
            transports: [transport],
            forceNew: true,
            reconnection: false,
          })
          const received: Array<unknown> = []
          socket.onAny((...args) => received.push(args))
          for (const [event, payload] of events)
            socket.emit(event, payload, (reply: unknown) => received.push(reply))
          const error = yield* Effect.promise(
            () => new Promise<Error & { data?: unknown }>((resolve) => socket.on("connect_error", resolve)),
          )
          expect([token, error.data, received]).toEqual([token, { code: "UNAUTHORIZED" }, []])
          socket.disconnect()
        }
        expect(yield* readAll(owner)).toEqual(before)
        expect(ownerClient.eventNames).toEqual([])
      }),
    )
  }

  it.live(
    "closes the connection of a client that emits an event before it has connected to the namespace",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        const owner = yield* app.newUser()
        const before = yield* readAll(owner)
        for (const [event, sample] of yield* eventSamples) {
          const payload = yield* sample(owner)
          const beforeEmit = yield* readAll(owner)
          const client = yield* connectRawWebSocket(
            `${app.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`,
          )
          expect(yield* client.next).toStartWith("0{")
          client.send(`42${JSON.stringify([event, payload])}`)
          yield* client.closed
          expect(yield* readAll(owner)).toEqual(beforeEmit)
        }
        expect(before).not.toEqual(yield* readAll(owner))
      }),
  )
})
