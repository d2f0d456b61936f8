import { OpenApi } from "@effect/platform"
import { Context, Option } from "effect"
import type { Contract, Operation } from "../http/Contract"
import { exampleOf } from "../http/Example"
import type { SecurityScheme, SocketEvent, WebSocketContract, WebSocketFrames } from "../http/SocketContract"
import { buildAsyncDocument, type Message } from "./AsyncApi"
import type { DocumentInfo } from "./Info"
import { type Schemas, toPascalCase } from "./Schemas"

const tags = [
  { name: "Client", description: "Frames that clients send." },
  { name: "Server", description: "Frames that the server sends." },
]

const correlationId = {
  description: "The answer to a frame has the frame's `id`.",
  location: "$message.payload#/id",
}

/** Describes the frames of a socket. Those that only answer others are no operations of their own. */
const messagesOf = ({ name: channel, ...frames }: WebSocketFrames, replies: WebSocketContract["replies"]) => {
  const answers = new Set(Object.values(frames.clientFrames).flatMap(({ replies }) => replies))
  const describe = ([name, { description, payload }]: [string, SocketEvent], tag: string): Message => ({
    name,
    description,
    payload,
    tag,
    ...(tag === "Client" || answers.has(name) ? { correlationId } : {}),
    schemaName: `${toPascalCase(name)}Frame`,
  })
  return [
    ...Object.entries(frames.clientFrames).map(
      ([name, frame]): Message => ({
        ...describe([name, frame], "Client"),
        action: "receive",
        reply: { channel, messages: frame.replies },
      }),
    ),
    ...Object.entries(replies).map((frame) => describe(frame, "Server")),
    ...Object.entries(frames.serverFrames).map(
      (frame): Message => ({ ...describe(frame, "Server"), action: "send" }),
    ),
  ]
}

const parametersOf = ({ pathSchema }: Operation["endpoint"], { inline }: Schemas) => {
  if (Option.isNone(pathSchema)) return undefined
  const { ast } = pathSchema.value
  const examples = Object(Option.getOrUndefined(exampleOf(ast)))
  return Object.fromEntries(
    Object.entries(Object(inline(ast)).properties).map(([name, property]) => [
      name,
      { description: Object(property).description, examples: [examples[name]] },
    ]),
  )
}

/** Returns the header that a client may authenticate with by a scheme, if it is one. */
const headerOf = ({ type, in: place, name, description }: SecurityScheme) => {
  const header = { type: "string", description }
  if (type === "http") return [["Authorization", header]]
  if (place === "cookie") return [["Cookie", header]]
  return place === "header" ? [[name, header]] : []
}

/** Describes the handshake that opens a socket. */
const bindingsOf = (
  { urlParamsSchema }: Operation["endpoint"],
  securitySchemes: WebSocketContract["securitySchemes"],
  { inline }: Schemas,
) => ({
  ws: {
    method: "GET",
    query: Option.match(urlParamsSchema, { onNone: () => undefined, onSome: ({ ast }) => inline(ast) }),
    headers: {
      type: "object",
      properties: Object.fromEntries(Object.values(securitySchemes).flatMap(headerOf)),
    },
    bindingVersion: "0.1.0",
  },
})

/** Builds the AsyncAPI document of a contract's WebSockets: a channel for each endpoint that opens one. */
export const describeFrames = (
  { name, operations }: Contract,
  { closeCodes, description, replies, securitySchemes, sockets }: WebSocketContract,
  info: DocumentInfo,
) => {
  const closing = closeCodes.map(({ code, meaning }) => `- \`${code}\`: ${meaning}.`)
  return buildAsyncDocument(
    (schemas) => ({
      title: `Parley: ${name}'s WebSockets`,
      description,
      server: "WebSocket (RFC 6455), with a JSON object in each text message.",
      tags,
      securitySchemes,
      channels: Object.fromEntries(
        operations.flatMap((operation) => {
          const { endpoint, path } = operation
          const frames = sockets[operation.name]
          if (frames === undefined) return []
          const summary = Context.getOrElse(endpoint.annotations, OpenApi.Summary, () => path)
          const about = Context.getOrElse(endpoint.annotations, OpenApi.Description, () => summary)
          const channel = {
            address: path.replace(/:(\w+)/g, "{$1}"),
            title: summary,
            description: `${about}\n\nClose codes:\n\n${closing.join("\n")}`,
            parameters: parametersOf(endpoint, schemas),
            bindings: bindingsOf(endpoint, securitySchemes, schemas),
            messages: messagesOf(frames, replies),
          }
          return [[frames.name, channel]]
        }),
      ),
    }),
    info,
  )
}
