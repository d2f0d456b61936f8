import { Option, type Schema } from "effect"
import type { Contract } from "../http/Contract"
import { exampleOf } from "../http/Example"
import type { SocketContract } from "../http/SocketContract"
import type { JsonSchema, Reference } from "./Document"
import type { DocumentInfo } from "./Info"
import { makeSchemas, type Schemas, toPascalCase } from "./Schemas"

/** A message and an example of its payload. */
export interface Message {
  readonly name: string
  readonly title: string
  readonly summary: string
  readonly tags: ReadonlyArray<Reference>
  readonly payload: JsonSchema
  readonly examples?: ReadonlyArray<{ readonly payload: unknown }>
}

interface Channel {
  /** The path; null for a channel without its own. */
  readonly address: string | null
  readonly title: string
  readonly description: string
  readonly servers: ReadonlyArray<Reference>
  readonly messages: Readonly<Record<string, Message>>
}

interface MessageRefs {
  readonly channel: Reference
  readonly messages: ReadonlyArray<Reference>
}

/** An operation of the server: it receives the events of clients and sends its own. */
interface EventOperation extends MessageRefs {
  readonly action: "send" | "receive"
  readonly title: string
  readonly description: string
  readonly tags: ReadonlyArray<Reference>
  readonly reply?: MessageRefs
}

const introduction = `The Socket.IO events of Parley, in addition to the HTTP operations of \`openapi.json\`.
Operations are described from the server's side: it **receives** what a client emits, and **sends** what a client
listens to. A message has the name of its event.`

const ref = (...path: ReadonlyArray<string>): Reference => ({ $ref: `#/${path.join("/")}` })

const serverRef = ref("servers", "parley")

/** Converts an event name to a title: `send_message` becomes `Send message`. */
const toTitle = (event: string) => event.charAt(0).toUpperCase() + event.slice(1).replaceAll("_", " ")

/** Describes the channel of a contract, the channel of its acknowledgements, and their operations. */
const describeContract = (name: string, socket: SocketContract, schemas: Schemas) => {
  const channel = name.toLowerCase()
  const callbacks = `${channel}_callbacks`
  const messages: Record<string, Message> = {}
  const replies: Record<string, Message> = {}
  const operations: Record<string, EventOperation> = {}

  const messageOf = (
    name: string,
    title: string,
    summary: string,
    tags: ReadonlyArray<Reference>,
    { ast }: Schema.Schema.All,
    component: string,
  ): Message => ({
    name,
    title,
    summary,
    tags,
    payload: schemas.named(ast, component),
    ...Option.match(exampleOf(ast), {
      onNone: () => ({}),
      onSome: (payload) => ({ examples: [{ payload }] }),
    }),
  })

  for (const { title, serverEvents, clientEvents } of socket.groups) {
    const tags = [ref("components", "tags", title)]
    const describe = (
      action: EventOperation["action"],
      event: string,
      { description, payload }: { readonly description: string; readonly payload: Schema.Schema.All },
      component: string,
    ) => {
      messages[event] = messageOf(event, toTitle(event), description, tags, payload, component)
      operations[`${channel}.${event}`] = {
        action,
        channel: ref("channels", channel),
        title: toTitle(event),
        description,
        tags,
        messages: [ref("channels", channel, "messages", event)],
      }
    }
    for (const [event, definition] of Object.entries(serverEvents)) {
      describe("send", event, definition, `${toPascalCase(event)}Event`)
    }
    for (const [event, definition] of Object.entries(clientEvents)) {
      const summary = `The acknowledgement of \`${event}\` on success.`
      const ack = `${event}_ack`
      const title = `${toTitle(event)}: acknowledgement`
      describe("receive", event, definition, `${toPascalCase(event)}Input`)
      replies[ack] = messageOf(ack, title, summary, tags, definition.reply, toPascalCase(ack))
      Object.assign(operations[`${channel}.${event}`] ?? {}, {
        reply: {
          channel: ref("channels", callbacks),
          messages: [ack, "error_ack"].map((message) => ref("channels", callbacks, "messages", message)),
        },
      })
    }
  }
  const summary = "The acknowledgement of any event on failure."
  replies["error_ack"] = messageOf(
    "error_ack",
    "Error acknowledgement",
    summary,
    [],
    socket.errorReply,
    "ErrorAck",
  )
  const { address, description } = socket
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

/** Builds the AsyncAPI document of the events of all contracts; version 3.0.0, which generators accept. */
export const describeEvents = (contracts: ReadonlyArray<Contract>, documentInfo: DocumentInfo) => {
  const schemas = makeSchemas()
  const sockets = contracts.flatMap(({ name, socket }) => (socket === undefined ? [] : [{ name, socket }]))
  const parts = sockets.map(({ name, socket }) => describeContract(name, socket, schemas))
  const tags = sockets.flatMap(({ socket }) =>
    socket.groups.map(({ title, description }) => [title, { name: title, description }] as const),
  )
  const { version, contact, license } = documentInfo.info
  const channels: Record<string, Channel> = Object.assign({}, ...parts.map(({ channels }) => channels))
  const operations: Record<string, EventOperation> = Object.assign(
    {},
    ...parts.map(({ operations }) => operations),
  )
  return {
    asyncapi: "3.0.0",
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
    channels,
    operations,
    components: {
      schemas: schemas.components(),
      tags: Object.fromEntries(tags),
      securitySchemes: {
        token: {
          type: "apiKey",
          in: "user",
          description: sockets.map(({ socket }) => socket.authentication).join("\n\n"),
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
}

export type AsyncDocument = ReturnType<typeof describeEvents>
