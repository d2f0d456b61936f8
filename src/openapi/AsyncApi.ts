import { JSONSchema, type Schema } from "effect"
import type { Contract } from "../http/Contract"
import type { EventExample, SocketContract } from "../http/SocketContract"
import type { AsyncDocument, Channel, EventOperation, Message } from "./AsyncDocument"
import { isRecord, type JsonSchema, type Reference } from "./Document"
import type { DocumentInfo } from "./Info"
import { isNamed, simplifySchema } from "./Schemas"

const introduction = `The Socket.IO events of Parley, in addition to the HTTP operations of \`openapi.json\`.
Operations are described from the server's side: it **receives** what a client emits, and **sends** what a client
listens to. A message has the name of its event.`

const ref = (...path: ReadonlyArray<string>): Reference => ({ $ref: `#/${path.join("/")}` })

const serverRef = ref("servers", "parley")

/** Converts an event name to a title: `send_message` becomes `Send message`. */
const toTitle = (event: string) => event.charAt(0).toUpperCase() + event.slice(1).replaceAll("_", " ")

type ToJsonSchema = (schema: Schema.Schema.All) => JsonSchema

type MessageInfo = Pick<Message, "name" | "title" | "summary" | "tags">

const makeMessage = (
  info: MessageInfo,
  payload: JsonSchema,
  examples: ReadonlyArray<Pick<EventExample, "summary" | "payload">>,
): Message => ({
  ...info,
  contentType: "application/json",
  payload,
  ...(examples.length === 0
    ? {}
    : { examples: examples.map(({ summary, payload }) => ({ summary, payload })) }),
})

const isSuccess = ({ reply }: EventExample) =>
  reply === undefined || (isRecord(reply) && reply["ok"] === true)

/** Returns the acknowledgements of examples. */
const repliesIn = (examples: ReadonlyArray<EventExample>) =>
  examples.map(({ summary, reply }) => ({ summary, payload: reply }))

/** Returns the failed acknowledgements of all events; some are for payloads that violate the schema. */
const failuresIn = ({ examples }: SocketContract) =>
  Object.entries(examples).flatMap(([event, eventExamples]) =>
    repliesIn(eventExamples.filter((example) => !isSuccess(example))).map(({ summary, payload }) => ({
      summary: `${event}: ${summary}`,
      payload,
    })),
  )

/** Describes the channel of a contract, the channel of its acknowledgements, and their operations. */
const describeContract = (name: string, api: SocketContract, toJsonSchema: ToJsonSchema) => {
  const channel = name.toLowerCase()
  const callbacks = `${channel}_callbacks`
  const messages: Record<string, Message> = {}
  const replies: Record<string, Message> = {}
  const operations: Record<string, EventOperation> = {}

  const successesOf = (event: string) => (api.examples[event] ?? []).filter(isSuccess)

  for (const { title, serverEvents, clientEvents } of api.groups) {
    const tags = [ref("components", "tags", title)]
    const operation = (action: EventOperation["action"], event: string, description: string) => ({
      action,
      channel: ref("channels", channel),
      title: toTitle(event),
      description,
      tags,
      messages: [ref("channels", channel, "messages", event)],
    })
    for (const [event, { description, payload }] of Object.entries({ ...serverEvents, ...clientEvents })) {
      const message = { name: event, title: toTitle(event), summary: description, tags }
      messages[event] = makeMessage(message, toJsonSchema(payload), successesOf(event))
    }
    for (const [event, { description }] of Object.entries(serverEvents)) {
      operations[`${channel}.${event}`] = operation("send", event, description)
    }
    for (const [event, { description, reply }] of Object.entries(clientEvents)) {
      const summary = `The acknowledgement of \`${event}\` on success.`
      const acknowledgement = {
        name: `${event}_ack`,
        title: `${toTitle(event)}: acknowledgement`,
        summary,
        tags,
      }
      replies[acknowledgement.name] = makeMessage(
        acknowledgement,
        toJsonSchema(reply),
        repliesIn(successesOf(event)),
      )
      operations[`${channel}.${event}`] = {
        ...operation("receive", event, description),
        reply: {
          channel: ref("channels", callbacks),
          messages: [acknowledgement.name, "error_ack"].map((message) =>
            ref("channels", callbacks, "messages", message),
          ),
        },
      }
    }
  }
  const summary = "The acknowledgement of any event on failure."
  replies["error_ack"] = makeMessage(
    { name: "error_ack", title: "Error acknowledgement", summary, tags: [] },
    toJsonSchema(api.errorReply),
    failuresIn(api),
  )
  const { address, description } = api
  const channels: Record<string, Channel> = {
    [channel]: { address, title: `${name}: events`, description, servers: [serverRef], messages },
    [callbacks]: {
      address: null,
      title: `${name}: callbacks`,
      description:
        "On the same connection: acknowledgements, for clients that emit an event with a callback.",
      servers: [serverRef],
      messages: replies,
    },
  }
  return { channels, operations }
}

/** Returns the server object: with the host of `PUBLIC_URL`, or else with a variable for it. */
const serverOf = ({ servers: [server] }: DocumentInfo) => {
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

/** Builds the AsyncAPI document of the events of all contracts. */
export const describeEvents = (
  contracts: ReadonlyArray<Contract>,
  documentInfo: DocumentInfo,
): AsyncDocument => {
  const definitions: Record<string, JSONSchema.JsonSchema7> = {}
  const toJsonSchema: ToJsonSchema = ({ ast }) => ({
    ...JSONSchema.fromAST(ast, { definitions, definitionPath: "#/components/schemas/" }),
  })
  const apis = contracts.flatMap(({ name, socket }) =>
    socket === undefined ? [] : [{ name, events: socket }],
  )
  const parts = apis.map(({ name, events }) => describeContract(name, events, toJsonSchema))
  const tags = apis.flatMap(({ events }) =>
    events.groups.map(({ title, description }) => [title, { name: title, description }] as const),
  )
  const { version, contact, license } = documentInfo.info
  const document: AsyncDocument = {
    asyncapi: "3.1.0",
    info: {
      title: "Parley: events",
      version,
      description: introduction,
      contact,
      license: { name: license.name, url: "https://spdx.org/licenses/MIT.html" },
      tags: tags.map(([title]) => ref("components", "tags", title)),
    },
    defaultContentType: "application/json",
    servers: {
      parley: {
        ...serverOf(documentInfo),
        title: "Parley",
        description: "Socket.IO 4 (protocol 5 on Engine.IO 4), over WebSocket and HTTP long-polling.",
        security: [
          ref("components", "securitySchemes", "token"),
          ref("components", "securitySchemes", "bearer"),
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
  const schemas = simplifySchema(Object.fromEntries(Object.entries(definitions).filter(isNamed)), definitions)
  const simplified = simplifySchema(document.channels, definitions) as AsyncDocument["channels"]
  return {
    ...document,
    channels: simplified,
    components: { ...document.components, schemas: schemas as Record<string, unknown> },
  }
}
