import { expect } from "bun:test"
import { type Diagnostic, Parser } from "@asyncapi/parser"
import { Ajv2020 } from "ajv/dist/2020"
import addFormats from "ajv-formats"
import { Effect } from "effect"
import type { AsyncDocument } from "../../src/openapi/AsyncApi"
import * as Server from "../support/App"
import { App } from "../support/App"
import { layer } from "../support/it"
import { contracts, eventsOf } from "./contracts"

/** Every event of the UniChat document, with the fields that its examples read or send. */
const documented: Readonly<Record<string, ReadonlyArray<string>>> = {
  authenticated: ["user_id"],
  error: ["message"],
  send_message: ["config_id", "message"],
  conversation_created: ["conversation"],
  message_saved: ["message", "conversation_id"],
  message_start: ["message_id", "conversation_id"],
  message_chunk: ["content", "message_id"],
  message_complete: ["content", "metadata"],
  message_error: ["error", "message_id"],
  title_updated: ["title", "conversation_id"],
  stop_generation: ["message_id"],
  generation_stopped: ["message_id"],
  regenerate_message: ["message_id"],
  arena_send_message: ["config_ids", "message"],
  arena_session_created: ["session"],
  arena_user_message: ["message", "session_id"],
  arena_message_start: ["config_id", "message_id", "session_id"],
  arena_message_chunk: ["config_id", "content", "message_id"],
  arena_message_complete: ["config_id", "content", "metadata"],
  arena_message_error: ["config_id", "error"],
  arena_stop_generation: ["session_id"],
  arena_generation_stopped: ["session_id"],
}

const get = Effect.gen(function* () {
  const response = yield* (yield* App).request("GET", "/asyncapi.json")
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"])
  return { text: response.text, document: response.json as AsyncDocument }
})

/** Returns the errors, warnings and hints of AsyncAPI's own parser. */
const problemsOf = (source: string) =>
  Effect.map(
    Effect.promise(() => new Parser().validate(source)),
    (found: ReadonlyArray<Diagnostic>) =>
      found
        // 3.0.0 is the version that generators accept.
        .filter(({ code }) => code !== "asyncapi-latest-version")
        .map(({ code, message, path }) => `${code}: ${message} at ${path.join("/")}`),
  )

type Message = ReturnType<typeof messagesOf>[number]

const messagesOf = ({ channels }: AsyncDocument) =>
  Object.values(channels).flatMap(({ messages }) => Object.values(messages))

/** Makes a function that validates the examples of a message: returns name and error of invalid ones. */
const makeCheck = ({ components }: AsyncDocument) => {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema({ $id: "asyncapi", components })
  return ({ name, payload: schema, examples }: Message) => {
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"asyncapi#/components/')
    const validate = ajv.compile(JSON.parse(text))
    return examples.flatMap(({ payload }) =>
      validate(payload) ? [] : [[name, ajv.errorsText(validate.errors)]],
    )
  }
}

const configs = [
  {},
  { PUBLIC_URL: "https://chat.parley.test/" },
  { PUBLIC_URL: "http://parley.test:8080/below" },
]

for (const config of configs) {
  layer(Server.layer(config))(`AsyncAPI document with ${JSON.stringify(config)}`, (it) => {
    it.live("passes the recommended rules of AsyncAPI's own parser", () =>
      Effect.gen(function* () {
        expect(yield* problemsOf((yield* get).text)).toEqual([])
      }),
    )
  })
}

layer(Server.layer({ PUBLIC_URL: "https://chat.parley.test/below" }))("AsyncAPI document", (it) => {
  it.live("fails validation when a mistake is introduced", () =>
    Effect.gen(function* () {
      const { text } = yield* get
      const mutations = [
        ['"#/channels/unichat/messages/error"', '"#/channels/unichat/messages/nothing"', "invalid-ref"],
        ['"action":"send"', '"action":"shout"', "asyncapi-document-resolved"],
        ['"host":"chat.parley.test"', '"hosts":"chat.parley.test"', "asyncapi-document-resolved"],
      ] as const
      for (const [right, wrong, code] of mutations) {
        const invalid = text.replace(right, wrong)
        expect(invalid).not.toBe(text)
        expect((yield* problemsOf(invalid)).join()).toContain(code)
      }
    }),
  )

  it.live("contains every event of every contract, with the acknowledgements of client events", () =>
    Effect.gen(function* () {
      const { document } = yield* get
      const { channels, operations, servers } = document
      expect(servers["parley"]).toMatchObject({
        host: "chat.parley.test",
        pathname: "/below",
        protocol: "wss",
      })
      const expected: Array<string> = []
      for (const { name, socket: events } of yield* contracts) {
        if (events === undefined) continue
        const channel = name.toLowerCase()
        expect(Object.keys(channels[channel]?.messages ?? {}).toSorted()).toEqual(eventsOf(events).toSorted())
        for (const { serverEvents, clientEvents } of events.groups) {
          for (const event of Object.keys(serverEvents)) {
            expect([event, operations[`${channel}.${event}`]?.action]).toEqual([event, "send"])
          }
          for (const event of Object.keys(clientEvents)) {
            const { action, reply } = operations[`${channel}.${event}`] ?? {}
            expect([event, action]).toEqual([event, "receive"])
            expect(reply?.messages.map(({ $ref }) => $ref.split("/").at(-1))).toEqual([
              `${event}_ack`,
              "error_ack",
            ])
          }
        }
        expected.push(...eventsOf(events).map((event) => `${channel}.${event}`))
      }
      expect(expected.length).toBeGreaterThan(20)
      expect(Object.keys(operations).toSorted()).toEqual(expected.toSorted())
    }),
  )

  it.live("has examples of every message that are valid by its schema", () =>
    Effect.gen(function* () {
      const { document } = yield* get
      const check = makeCheck(document)
      for (const message of messagesOf(document)) {
        expect([message.name, (message.examples ?? []).length > 0]).toEqual([message.name, true])
        expect(check(message)).toEqual([])
        const [example] = message.examples ?? []
        const broken = { payload: { ...Object(example?.payload), ok: 5, message: 5 } }
        if (message.name === "error_ack" || message.name === "message_saved")
          expect(check({ ...message, examples: [broken] }).length).toBe(1)
      }
    }),
  )

  it.live("contains every event and field of the UniChat document", () =>
    Effect.gen(function* () {
      const { document } = yield* get
      const messages = new Map(messagesOf(document).map((message) => [message.name, message]))
      for (const [event, fields] of Object.entries(documented)) {
        const { payload, examples = [] } = messages.get(event) ?? {}
        const schema = document.components.schemas[String(payload?.$ref).split("/").at(-1) ?? ""]
        expect([event, Object.keys(Object(Object(schema).properties))]).toEqual([
          event,
          expect.arrayContaining([...fields]),
        ])
        const fieldsShown = examples.flatMap(({ payload }) => Object.keys(Object(payload)))
        expect([event, fieldsShown]).toEqual([event, expect.arrayContaining([...fields])])
      }
      const metadata = ["model_id", "tokens", "generation_time_ms", "cost_usd"]
      for (const event of ["message_complete", "arena_message_complete"]) {
        const [example] = messages.get(event)?.examples ?? []
        const shown = Object.keys(Object(Object(example?.payload).metadata))
        expect(shown).toEqual(expect.arrayContaining(metadata))
      }
    }),
  )

  it.live("is linked from /, the OpenAPI document and the reference page", () =>
    Effect.gen(function* () {
      const app = yield* App
      expect((yield* app.request("GET", "/")).json).toMatchObject({ asyncapi: ["/asyncapi.json"] })
      expect((yield* app.request("GET", "/openapi.json")).at("info.description")).toContain("(asyncapi.json)")
      expect((yield* app.request("GET", "/docs")).text).toContain('"openapi.json"')
    }),
  )
})
