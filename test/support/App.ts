import { HttpServer } from "@effect/platform"
import { Context, Effect, Layer, Logger, LogLevel } from "effect"
import { createParser, type EventSourceMessage } from "eventsource-parser"
import { makeAppLayer } from "../../src/AppLayer"
import { Users } from "../../src/domain/identity/Users"
import { server } from "../../src/Server"
import * as Database from "./Database"
import { Provider } from "./Provider"
import { configLayer } from "./testLayer"

/** What a request has beside its method and path. */
export interface RequestOptions {
  readonly token?: string
  /** The value of the session cookie. */
  readonly cookie?: string
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is. */
  readonly raw?: Bun.BodyInit
  readonly headers?: Readonly<Record<string, string>>
}

/** Someone who has an account and is signed in. */
export interface TestUser {
  readonly id: string
  readonly email: string
  readonly password: string
  readonly token: string
  readonly refreshToken: string
  readonly cookie: string
}

/** A place in a JSON value, as `data.items.0.id`; undefined where there is none. */
const jsonPath = (json: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((value, key) => (Object(value) as Record<string, unknown>)[key], json)

/** An answer that has been read to its end. */
export class TestResponse {
  constructor(
    readonly status: number,
    readonly headers: Headers,
    readonly text: string,
  ) {}

  get json(): unknown {
    return JSON.parse(this.text)
  }

  /** The text at a place in the JSON, or a failed test. */
  at(path: string): string {
    const value = jsonPath(this.json, path)
    if (typeof value !== "string")
      throw new Error(`There is no text at ${path} of ${this.status} ${this.text}`)
    return value
  }

  /** The session cookie that it sets. */
  get cookie(): string | undefined {
    return /^parley_session=([^;]*)/.exec(this.headers.get("set-cookie") ?? "")?.[1]
  }

  get events(): ReadonlyArray<EventSourceMessage> {
    return parseEvents(this.text)
  }
}

/** The events of an event stream. */
export const parseEvents = (text: string): ReadonlyArray<EventSourceMessage> => {
  const events: Array<EventSourceMessage> = []
  createParser({ onEvent: (event) => events.push(event) }).feed(text)
  return events
}

let count = 0

/** A client of the server that listens at `url`. */
export const makeClient = (url: string) => {
  /** Sends a request and gives back the answer while it may still be coming in. */
  const requestStream = (
    method: string,
    path: string,
    { token, cookie, body, raw, headers }: RequestOptions = {},
  ) =>
    Effect.promise((signal) =>
      fetch(url + path, {
        method,
        signal,
        redirect: "manual",
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(cookie === undefined ? {} : { cookie: `parley_session=${cookie}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        body: body === undefined ? (raw ?? null) : JSON.stringify(body),
      }),
    )

  /** Sends a request and reads the answer to its end. */
  const request = (method: string, path: string, asked?: RequestOptions) =>
    Effect.gen(function* () {
      const response = yield* requestStream(method, path, asked)
      return new TestResponse(response.status, response.headers, yield* Effect.promise(() => response.text()))
    })

  const newUser = (input: { readonly password?: string; readonly name?: string } = {}) =>
    Effect.gen(function* () {
      const email = `person${++count}@example.com`
      const { password = "SecurePass123!", name: display_name = "John Doe" } = input
      const answer = yield* request("POST", "/api/auth/register", { body: { email, password, display_name } })
      const person: TestUser = {
        id: answer.at("id"),
        email,
        password,
        token: answer.at("token"),
        refreshToken: answer.at("refreshToken"),
        cookie: answer.cookie ?? "",
      }
      return person
    })

  /** The same with the role of an administrator. */
  const newAdmin = () =>
    Effect.gen(function* () {
      const email = `admin${++count}@example.com`
      const password = "SecurePass123!"
      const users = yield* Users
      const { id } = yield* Effect.orDie(users.createAdmin({ email, password, name: "Administrator" }))
      const answer = yield* request("POST", "/api/auth/login", { body: { email, password } })
      const [token, refreshToken] = [answer.at("token"), answer.at("refreshToken")]
      const person: TestUser = { id, email, password, token, refreshToken, cookie: answer.cookie ?? "" }
      return person
    })

  /** The id of the person's empty chat, made if there is none. */
  const newChat = ({ token }: TestUser, title?: string) =>
    Effect.map(request("POST", "/api/chats", { token, body: { title } }), (answer) =>
      answer.at("data.chat.id"),
    )

  const streamPath = (chat: string, content: string) =>
    `/api/chats/${chat}/messages/stream?content=${encodeURIComponent(content)}`

  /** Sends a prompt and reads the whole answer. */
  const sendPrompt = (person: TestUser, chat: string, content: string) =>
    request("GET", streamPath(chat, content), { token: person.token })

  return { url, requestStream, request, newUser, newAdmin, newChat, streamPath, sendPrompt }
}

/** The whole server on a free port of this machine, and a client that speaks to it. */
export class App extends Context.Tag("test/App")<App, ReturnType<typeof makeClient>>() {}

/**
 * Serves on a fresh database, unless another is given, with the scripted provider behind the real
 * adapter, by these settings.
 */
export const layer = (settings: Record<string, string> = {}, database = Database.layer) =>
  Layer.effect(
    App,
    HttpServer.addressWith((address) =>
      Effect.sync(() => makeClient(address._tag === "TcpAddress" ? `http://127.0.0.1:${address.port}` : "")),
    ),
  ).pipe(
    Layer.provideMerge(server),
    Layer.provideMerge(makeAppLayer(database)),
    Layer.provide([configLayer({ PORT: "0", ...settings }), Logger.minimumLogLevel(LogLevel.Error)]),
    Layer.provideMerge(Provider.layer),
  )
