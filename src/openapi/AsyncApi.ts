import { Option } from "effect"
import type { Contract } from "../http/Contract"
import type { ClientEvent, SocketContract, SocketEvent } from "../http/SocketContract"
import type { DocumentInfo } from "./Info"
import { makeSchemas, type Schemas, toPascalCase } from "./Schemas"

const introduction = `The Socket.IO events of Parley, in addition to the HTTP operations of \`openapi.json\`.
Operations are described from the server's side: it **receives** what a client emits, and **sends** what a client
listens to. A message has the name of its event.`

const ref = (...path: ReadonlyArray<string>) => ({ $ref: `#/${path.join("/")}` })

/** Lists the events of a contract. Those of clients have an acknowledgement as reply. */
const eventsOf = ({ groups }: SocketContract) =>
  groups.flatMap((group) =>
    Object.entries<SocketEvent | ClientEvent>({ ...group.serverEvents, ...group.clientEvents }).map(
      ([name, event]) => ({
        ...event,
        name,
        title: name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " "),
        tags: [ref("components", "tags", group.title)],
        reply: "reply" in event ? event.reply : undefined,
      }),
    ),
  )

type Message = Omit<ReturnType<typeof eventsOf>[number], "reply">

/** Describes the channel of a contract, the channel of its acknowledgements, and their operations. */
const describeContract = (contract: string, socket: SocketContract, { content }: Schemas) => {
  const channel = contract.toLowerCase()
  const callbacks = `${channel}_callbacks`
  const servers = [ref("servers", "parley")]
  const events = eventsOf(socket)
  const acknowledgements = events.flatMap(({ name, title, reply, tags }): ReadonlyArray<Message> => {
    const description = `The acknowledgement of \`${name}\` on success.`
    if (reply === undefined) return []
    return [{ name: `${name}_ack`, title: `${title}: acknowledgement`, description, tags, payload: reply }]
  })
  const errorAcknowledgement: Message = {
    name: "error_ack",
    title: "Error acknowledgement",
    description: "The acknowledgement of any event on failure.",
    tags: [],
    payload: socket.errorReply,
  }
  const describeMessage = ({ description, name, payload, tags, title }: Message, kind: string) => {
    const { schema, example } = content(payload.ast, `${toPascalCase(name)}${kind}`)
    return [
      name,
      { name, title, summary: description, tags, payload: schema, examples: [{ payload: example }] },
    ] as const
  }
  const refsTo = (channel: string, ...messages: ReadonlyArray<string>) => ({
    channel: ref("channels", channel),
    messages: messages.map((message) => ref("channels", channel, "messages", message)),
  })
  return {
    channels: {
      [channel]: {
        address: socket.address,
        title: `${contract}: events`,
        description: socket.description,
        servers,
        messages: Object.fromEntries(
          events.map((event) => describeMessage(event, event.reply === undefined ? "Event" : "Input")),
        ),
      },
      [callbacks]: {
        address: null,
        title: `${contract}: callbacks`,
        description:
          "On the same connection: acknowledgements, for clients that emit an event with a callback.",
        servers,
        messages: Object.fromEntries(
          [...acknowledgements, errorAcknowledgement].map((message) => describeMessage(message, "")),
        ),
      },
    },
    operations: events.map(
      ({ name, title, description, tags, reply }) =>
        [
          `${channel}.${name}`,
          {
            action: reply === undefined ? "send" : "receive",
            title,
            description,
            tags,
            ...refsTo(channel, name),
            reply: reply && refsTo(callbacks, `${name}_ack`, "error_ack"),
          },
        ] as const,
    ),
  }
}

/** Returns the address of the server: the host of `PUBLIC_URL`, or else a variable for it. */
const addressOf = Option.match({
  onNone: () => ({
    host: "{host}",
    protocol: "ws",
    variables: { host: { default: "127.0.0.1:3000", description: "The server's host and port" } },
  }),
  onSome: ({ host, pathname, protocol }: URL) => ({
    host,
    protocol: protocol === "https:" ? "wss" : "ws",
    pathname: pathname.replace(/\/$/, "") || undefined,
  }),
})

/** Builds the AsyncAPI document of the events of all contracts; version 3.0.0, which generators accept. */
export const describeEvents = (contracts: ReadonlyArray<Contract>, { info, publicUrl }: DocumentInfo) => {
  const schemas = makeSchemas()
  const sockets = contracts.flatMap(({ name, socket }) => (socket === undefined ? [] : [{ name, socket }]))
  const parts = sockets.map(({ name, socket }) => describeContract(name, socket, schemas))
  const tags = sockets.flatMap(({ socket }) =>
    socket.groups.map(({ title, description }) => ({ name: title, description })),
  )
  return {
    asyncapi: "3.0.0",
    info: {
      ...info,
      title: "Parley: events",
      description: introduction,
      license: { name: "MIT", url: "https://spdx.org/licenses/MIT.html" },
      tags: tags.map(({ name }) => ref("components", "tags", name)),
    },
    defaultContentType: "application/json",
    servers: {
      parley: {
        ...addressOf(publicUrl),
        title: "Parley",
        description: "Socket.IO 4 (protocol 5 on Engine.IO 4), over WebSocket and HTTP long-polling.",
        security: ["token", "bearer"].map((scheme) => ref("components", "securitySchemes", scheme)),
      },
    },
    channels: Object.fromEntries(parts.flatMap(({ channels }) => Object.entries(channels))),
    operations: Object.fromEntries(parts.flatMap(({ operations }) => operations)),
    components: {
      schemas: schemas.components(),
      tags: Object.fromEntries(tags.map((tag) => [tag.name, tag])),
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
