import { JSONSchema, type Schema } from "effect"
import type { Contract } from "../http/Contract"
import type { SocketContract, EventExample } from "../http/SocketContract"
import type { AsyncDocument, Channel, EventOperation, Message } from "./AsyncDocument"
import { isRecord, type JsonSchema, type Reference } from "./Document"
import type { About } from "./Info"
import { isNamed, tidy } from "./Schemas"

const introduction = `What is said over lasting connections, beside the HTTP operations of \`openapi.json\`.
Operations are told from the server's side: it **receives** what a client emits, and **sends** what a client
listens to. A message has the name of its event.`

const refer = (...path: ReadonlyArray<string>): Reference => ({ $ref: `#/${path.join("/")}` })

const parley = refer("servers", "parley")

/** `send_message` as words. */
const words = (event: string) => event.charAt(0).toUpperCase() + event.slice(1).replaceAll("_", " ")

type ToJsonSchema = (schema: Schema.Schema.All) => JsonSchema

type Named = Pick<Message, "name" | "title" | "summary" | "tags">

const makeMessage = (
  named: Named,
  payload: JsonSchema,
  examples: ReadonlyArray<Pick<EventExample, "summary" | "payload">>,
): Message => ({
  ...named,
  contentType: "application/json",
  payload,
  ...(examples.length === 0
    ? {}
    : { examples: examples.map(({ summary, payload }) => ({ summary, payload })) }),
})

const wentWell = ({ reply }: EventExample) => reply === undefined || (isRecord(reply) && reply["ok"] === true)

/** What was called back with. */
const repliesIn = (examples: ReadonlyArray<EventExample>) =>
  examples.map(({ summary, reply }) => ({ summary, payload: reply }))

/** What was not done, and said so, of all events: that may be because it was not what its schema says. */
const refusalsIn = ({ examples }: SocketContract) =>
  Object.entries(examples).flatMap(([event, of]) =>
    repliesIn(of.filter((example) => !wentWell(example))).map(({ summary, payload }) => ({
      summary: `${event}: ${summary}`,
      payload,
    })),
  )

/** The channel of an API, the one of its callbacks, and what goes through them. */
const describe = (name: string, api: SocketContract, toJsonSchema: ToJsonSchema) => {
  const channel = name.toLowerCase()
  const callbacks = `${channel}_callbacks`
  const messages: Record<string, Message> = {}
  const replies: Record<string, Message> = {}
  const operations: Record<string, EventOperation> = {}

  const done = (event: string) => (api.examples[event] ?? []).filter(wentWell)

  for (const { title, serverEvents: told, clientEvents: heard } of api.groups) {
    const tags = [refer("components", "tags", title)]
    const operation = (action: EventOperation["action"], event: string, description: string) => ({
      action,
      channel: refer("channels", channel),
      title: words(event),
      description,
      tags,
      messages: [refer("channels", channel, "messages", event)],
    })
    for (const [event, { description, payload }] of Object.entries({ ...told, ...heard })) {
      const named = { name: event, title: words(event), summary: description, tags }
      messages[event] = makeMessage(named, toJsonSchema(payload), done(event))
    }
    for (const [event, { description }] of Object.entries(told)) {
      operations[`${channel}.${event}`] = operation("send", event, description)
    }
    for (const [event, { description, reply }] of Object.entries(heard)) {
      const summary = `What the callback of \`${event}\` is called with.`
      const named = { name: `${event}_done`, title: `${words(event)}: done`, summary, tags }
      replies[named.name] = makeMessage(named, toJsonSchema(reply), repliesIn(done(event)))
      operations[`${channel}.${event}`] = {
        ...operation("receive", event, description),
        reply: {
          channel: refer("channels", callbacks),
          messages: [named.name, "refused"].map((one) => refer("channels", callbacks, "messages", one)),
        },
      }
    }
  }
  const summary = "What any callback is called with when what was sent could not be done."
  replies["refused"] = makeMessage(
    { name: "refused", title: "Refused", summary, tags: [] },
    toJsonSchema(api.errorReply),
    refusalsIn(api),
  )
  const { address, description } = api
  const channels: Record<string, Channel> = {
    [channel]: { address, title: `${name}: events`, description, servers: [parley], messages },
    [callbacks]: {
      address: null,
      title: `${name}: callbacks`,
      description:
        "On the same connection: what the server calls back with, to a client that emits an event with a callback.",
      servers: [parley],
      messages: replies,
    },
  }
  return { channels, operations }
}

/** Where the server is: at the address that it knows of, or at one to fill in. */
const serverOf = ({ servers: [server] }: About) => {
  const url = URL.parse(server?.url ?? "")
  if (url === null) {
    const variable = { default: "127.0.0.1:3000", description: "The server's host and port" }
    return { host: "{host}", protocol: "ws", variables: { host: variable } }
  }
  const pathname = url.pathname.replace(/\/$/, "")
  return {
    host: url.host,
    protocol: url.protocol === "https:" ? "wss" : "ws",
    ...(pathname === "" ? {} : { pathname }),
  }
}

/** The events of all contracts that have any, as one document. */
export const describeEvents = (contracts: ReadonlyArray<Contract>, about: About): AsyncDocument => {
  const definitions: Record<string, JSONSchema.JsonSchema7> = {}
  const toJsonSchema: ToJsonSchema = ({ ast }) => ({
    ...JSONSchema.fromAST(ast, { definitions, definitionPath: "#/components/schemas/" }),
  })
  const apis = contracts.flatMap(({ name, events }) => (events === undefined ? [] : [{ name, events }]))
  const parts = apis.map(({ name, events }) => describe(name, events, toJsonSchema))
  const tags = apis.flatMap(({ events }) =>
    events.groups.map(({ title, description }) => [title, { name: title, description }] as const),
  )
  const { version, contact, license } = about.info
  const document: AsyncDocument = {
    asyncapi: "3.1.0",
    info: {
      title: "Parley: events",
      version,
      description: introduction,
      contact,
      license: { name: license.name, url: "https://spdx.org/licenses/MIT.html" },
      tags: tags.map(([title]) => refer("components", "tags", title)),
    },
    defaultContentType: "application/json",
    servers: {
      parley: {
        ...serverOf(about),
        title: "Parley",
        description: "Socket.IO 4 (its protocol 5 on Engine.IO 4), on websocket and on HTTP long-polling.",
        security: [
          refer("components", "securitySchemes", "token"),
          refer("components", "securitySchemes", "bearer"),
        ],
      },
    },
    channels: Object.assign({}, ...parts.map(({ channels }) => channels)),
    operations: Object.assign({}, ...parts.map(({ operations }) => operations)),
    components: {
      schemas: {},
      tags: Object.fromEntries(tags),
      securitySchemes: {
        token: {
          type: "apiKey",
          in: "user",
          description: apis.map(({ events }) => events.authentication).join("\n\n"),
        },
        bearer: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description: "The same token, in the `Authorization` header of the handshake.",
        },
      },
    },
  }
  const schemas = tidy(Object.fromEntries(Object.entries(definitions).filter(isNamed)), definitions)
  const tidied = tidy(document.channels, definitions) as AsyncDocument["channels"]
  return {
    ...document,
    channels: tidied,
    components: { ...document.components, schemas: schemas as Record<string, unknown> },
  }
}
