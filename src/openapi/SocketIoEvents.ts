import type { ClientEvent, SocketContract, SocketEvent } from "../http/SocketContract"
import { buildAsyncDocument, type Message } from "./AsyncApi"
import type { DocumentInfo } from "./Info"
import { toPascalCase } from "./Schemas"

const introduction = `The Socket.IO events of Parley, in addition to the HTTP operations of \`openapi.json\`.
Operations are described from the server's side: it **receives** what a client emits, and **sends** what a client
listens to. A message has the name of its event.`

/** Describes the events of a contract. Those of clients have an acknowledgement as reply. */
const messagesOf = ({ errorReply, groups }: SocketContract, callbacks: string) => {
  const acknowledgements: Array<Message> = []
  const events = groups.flatMap(({ title, serverEvents, clientEvents }) =>
    Object.entries<SocketEvent | ClientEvent>({ ...serverEvents, ...clientEvents }).map(
      ([name, { description, payload, ...event }]): Message => {
        const message = { name, description, payload, tag: title }
        const schemaName = toPascalCase(name)
        if (!("reply" in event)) return { ...message, schemaName: `${schemaName}Event`, action: "send" }
        const acknowledgement = `${name}_ack`
        acknowledgements.push({
          ...message,
          name: acknowledgement,
          description: `The acknowledgement of \`${name}\` on success.`,
          payload: event.reply,
          schemaName: toPascalCase(acknowledgement),
        })
        return {
          ...message,
          schemaName: `${schemaName}Input`,
          action: "receive",
          reply: { channel: callbacks, messages: [acknowledgement, "error_ack"] },
        }
      },
    ),
  )
  acknowledgements.push({
    name: "error_ack",
    description: "The acknowledgement of any event on failure.",
    payload: errorReply,
    schemaName: "ErrorAck",
  })
  return { events, acknowledgements }
}

/** Builds the AsyncAPI document of the Socket.IO events of a contract. */
export const describeEvents = (name: string, socket: SocketContract, info: DocumentInfo) => {
  const channel = name.toLowerCase()
  const callbacks = `${channel}_callbacks`
  const { events, acknowledgements } = messagesOf(socket, callbacks)
  return buildAsyncDocument(
    () => ({
      title: "Parley: events",
      description: introduction,
      server: "Socket.IO 4 (protocol 5 on Engine.IO 4), over WebSocket and HTTP long-polling.",
      tags: socket.groups.map(({ title, description }) => ({ name: title, description })),
      securitySchemes: {
        token: { type: "apiKey", in: "user", description: socket.authentication },
        bearer: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description: "The same token, in the `Authorization` header of the handshake.",
        },
      },
      channels: {
        [channel]: {
          address: socket.address,
          title: `${name}: events`,
          description: socket.description,
          messages: events,
        },
        [callbacks]: {
          address: null,
          title: `${name}: callbacks`,
          description:
            "On the same connection: acknowledgements, for clients that emit an event with a callback.",
          messages: acknowledgements,
        },
      },
    }),
    info,
  )
}
