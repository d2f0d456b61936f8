import { Option } from "effect"
import type { SecurityScheme, SocketEvent } from "../http/SocketContract"
import type { DocumentInfo } from "./Info"
import { makeSchemas, type Schemas } from "./Schemas"

/** Some messages of a channel. */
interface MessageRefs {
  readonly channel: string
  readonly messages: ReadonlyArray<string>
}

/** A message. `action`: what the server does with it; undefined for one that is only a reply. */
export interface Message extends SocketEvent {
  readonly name: string
  readonly schemaName: string
  readonly tag?: string
  readonly correlationId?: object
  readonly action?: "send" | "receive"
  readonly reply?: MessageRefs
}

/** A channel with its messages. Messages of several channels that have the same name are the same. */
interface Channel {
  /** Null for one that has no address of its own. */
  readonly address: string | null
  readonly title: string
  readonly description: string
  readonly parameters?: object | undefined
  readonly bindings?: object
  readonly messages: ReadonlyArray<Message>
}

/** What is different in each document. */
interface Definition {
  readonly title: string
  readonly description: string
  readonly server: string
  readonly tags: ReadonlyArray<{ readonly name: string; readonly description: string }>
  readonly securitySchemes: Readonly<Record<string, SecurityScheme>>
  readonly channels: Readonly<Record<string, Channel>>
}

const ref = (...path: ReadonlyArray<string>) => ({ $ref: `#/${path.join("/")}` })

const refsTo = ({ channel, messages }: MessageRefs) => ({
  channel: ref("channels", channel),
  messages: messages.map((message) => ref("channels", channel, "messages", message)),
})

const tagsOf = ({ tag }: Message) => (tag === undefined ? [] : [ref("components", "tags", tag)])

/** Converts the name of a message to its title: `message.send` to `Message send`. */
const toTitle = (name: string) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll(/[_.]/g, " ")

const describeMessage = (message: Message, { content }: Schemas) => {
  const { name, description, payload, correlationId, schemaName } = message
  const { schema, example } = content(payload.ast, schemaName)
  return {
    name,
    title: toTitle(name),
    summary: description,
    tags: tagsOf(message),
    correlationId,
    payload: schema,
    examples: [{ payload: example }],
  }
}

/** Describes what the server does with a message of a channel. */
const describeOperation = (channel: string, message: Message) => ({
  action: message.action,
  title: toTitle(message.name),
  description: message.description,
  tags: tagsOf(message),
  ...refsTo({ channel, messages: [message.name] }),
  reply: message.reply && refsTo(message.reply),
})

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

/** Builds an AsyncAPI document; version 3.0.0, which generators accept. */
export const buildAsyncDocument = (
  define: (schemas: Schemas) => Definition,
  { info, publicUrl }: DocumentInfo,
) => {
  const schemas = makeSchemas()
  const { title, description, server, tags, securitySchemes, channels } = define(schemas)
  const entries = Object.entries(channels)
  const messages = new Map(
    entries.flatMap(([, { messages }]) => messages.map((message) => [message.name, message])),
  )
  return {
    asyncapi: "3.0.0",
    info: {
      ...info,
      title,
      description,
      license: { name: "MIT", url: "https://spdx.org/licenses/MIT.html" },
      tags: tags.map(({ name }) => ref("components", "tags", name)),
    },
    defaultContentType: "application/json",
    servers: {
      parley: {
        ...addressOf(publicUrl),
        title: "Parley",
        description: server,
        security: Object.keys(securitySchemes).map((name) => ref("components", "securitySchemes", name)),
      },
    },
    channels: Object.fromEntries(
      entries.map(([name, { messages, ...channel }]) => [
        name,
        {
          ...channel,
          servers: [ref("servers", "parley")],
          messages: Object.fromEntries(
            messages.map(({ name }) => [name, ref("components", "messages", name)]),
          ),
        },
      ]),
    ),
    operations: Object.fromEntries(
      entries.flatMap(([channel, { messages }]) =>
        messages
          .filter(({ action }) => action !== undefined)
          .map((message) => [`${channel}.${message.name}`, describeOperation(channel, message)]),
      ),
    ),
    components: {
      messages: Object.fromEntries(
        [...messages].map(([name, message]) => [name, describeMessage(message, schemas)]),
      ),
      schemas: schemas.components(),
      tags: Object.fromEntries(tags.map((tag) => [tag.name, tag])),
      securitySchemes,
    },
  }
}

export type AsyncDocument = ReturnType<typeof buildAsyncDocument>
