import { expect } from "bun:test"
import { type Diagnostic, Parser } from "@asyncapi/parser"
import { Effect } from "effect"
import * as Server from "../support/App"
import { App } from "../support/App"
import { layer } from "../support/it"
import { getDocument, makeValidate, messagesOf } from "./asyncDocuments"
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

const paths = ["/asyncapi.json", "/asyncapi/plexichat.json"]

/** Both documents, and all forms of the server's address, which is the same in both. */
const cases = [
  [{}, "/asyncapi.json"],
  [{ PUBLIC_URL: "https://chat.parley.test/" }, "/asyncapi/plexichat.json"],
  [{ PUBLIC_URL: "http://parley.test:8080/below" }, "/asyncapi.json"],
] as const

for (const [config, path] of cases) {
  layer(Server.layer(config))(`AsyncAPI document ${path} with ${JSON.stringify(config)}`, (it) => {
    it.live("passes the recommended rules of AsyncAPI's own parser", () =>
      Effect.gen(function* () {
        expect(yield* problemsOf((yield* getDocument(path)).text)).toEqual([])
      }),
    )
  })
}

layer(Server.layer({ PUBLIC_URL: "https://chat.parley.test/below" }))("AsyncAPI document", (it) => {
  it.live("fails validation when a mistake is introduced", () =>
    Effect.gen(function* () {
      const { text } = yield* getDocument("/asyncapi.json")
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
      const { document } = yield* getDocument("/asyncapi.json")
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
      for (const path of paths) {
        const { document } = yield* getDocument(path)
        const validate = makeValidate(document)
        for (const message of messagesOf(document)) {
          const { name, examples } = message
          expect([name, examples.map(({ payload }) => validate(message, payload))]).toEqual([
            name,
            [undefined],
          ])
          const broken = { ...Object(examples[0]?.payload), ok: 5, message: 5 }
          expect([name, validate(message, broken)]).toEqual([name, expect.any(String)])
        }
      }
    }),
  )

  it.live("contains every event and field of the UniChat document", () =>
    Effect.gen(function* () {
      const { document } = yield* getDocument("/asyncapi.json")
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

  it.live(
    "is linked, as the one of the WebSockets, from /, the OpenAPI document and the reference page",
    () =>
      Effect.gen(function* () {
        const app = yield* App
        expect((yield* app.request("GET", "/")).json).toMatchObject({ asyncapi: paths })
        const description = (yield* app.request("GET", "/openapi.json")).at("info.description")
        for (const path of paths) expect(description).toContain(`(${path.slice(1)})`)
        expect((yield* app.request("GET", "/docs")).text).toContain('"openapi.json"')
      }),
  )
})
