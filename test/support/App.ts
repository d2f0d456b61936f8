import { HttpServer } from "@effect/platform"
import { Context, Effect, Layer, Logger, LogLevel } from "effect"
import { createParser, type EventSourceMessage } from "eventsource-parser"
import { makeAppLayer } from "../../src/AppLayer"
import { Users } from "../../src/domain/identity/Users"
import { server } from "../../src/Server"
import * as Database from "./Database"
import { Provider } from "./ScriptedProvider"
import * as StoppedRateLimiter from "./StoppedRateLimiter"
import { configLayer } from "./testLayer"

/** The optional parts of a request. */
export interface RequestOptions {
  readonly token?: string
  /** The value of the session cookie. */
  readonly cookie?: string
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent unchanged. */
  readonly raw?: Bun.BodyInit
  readonly headers?: Readonly<Record<string, string>>
}

/** A registered user who is signed in. */
export interface TestUser {
  readonly id: string
  readonly email: string
  readonly password: string
  readonly token: string
  readonly refreshToken: string
  readonly cookie: string
}

/** Returns the value at a path in a JSON value, such as `data.items.0.id`; undefined if absent. */
const jsonPath = (json: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((value, key) => (Object(value) as Record<string, unknown>)[key], json)

/** A response whose body has been read. */
export class TestResponse {
  constructor(
    readonly status: number,
    readonly headers: Headers,
    readonly text: string,
  ) {}

  get json(): unknown {
    return JSON.parse(this.text)
  }

  /** Returns the string at a path in the JSON body. Throws, and so fails the test, if there is none. */
  at(path: string): string {
    const value = jsonPath(this.json, path)
    if (typeof value !== "string") throw new Error(`No string at ${path} of ${this.status} ${this.text}`)
    return value
  }

  /** The session cookie that the response sets. */
  get cookie(): string | undefined {
    return /^parley_session=([^;]*)/.exec(this.headers.get("set-cookie") ?? "")?.[1]
  }

  get events(): ReadonlyArray<EventSourceMessage> {
    return parseEvents(this.text)
  }
}

/** Parses the events of an event stream. */
export const parseEvents = (text: string): ReadonlyArray<EventSourceMessage> => {
  const events: Array<EventSourceMessage> = []
  createParser({ onEvent: (event) => events.push(event) }).feed(text)
  return events
}

let userCount = 0

/** Makes a client of the server at `url`. */
export const makeClient = (url: string) => {
  /** Sends a request. Returns the response as soon as its headers arrive. */
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

  /** Sends a request and reads the whole response. */
  const request = (method: string, path: string, options?: RequestOptions) =>
    Effect.gen(function* () {
      const response = yield* requestStream(method, path, options)
      return new TestResponse(response.status, response.headers, yield* Effect.promise(() => response.text()))
    })

  /** Registers a user with a unique email address. */
  const newUser = (input: { readonly password?: string; readonly name?: string } = {}) =>
    Effect.gen(function* () {
      const email = `user${++userCount}@example.com`
      const { password = "SecurePass123!", name: display_name = "John Doe" } = input
      const response = yield* request("POST", "/api/auth/register", {
        body: { email, password, display_name },
      })
      const user: TestUser = {
        id: response.at("id"),
        email,
        password,
        token: response.at("token"),
        refreshToken: response.at("refreshToken"),
        cookie: response.cookie ?? "",
      }
      return user
    })

  /** Creates an administrator and signs in. */
  const newAdmin = () =>
    Effect.gen(function* () {
      const email = `admin${++userCount}@example.com`
      const password = "SecurePass123!"
      const users = yield* Users
      const { id } = yield* Effect.orDie(users.createAdmin({ email, password, name: "Administrator" }))
      const response = yield* request("POST", "/api/auth/login", { body: { email, password } })
      const [token, refreshToken] = [response.at("token"), response.at("refreshToken")]
      const admin: TestUser = { id, email, password, token, refreshToken, cookie: response.cookie ?? "" }
      return admin
    })

  /** Returns the id of the user's empty chat, creating it if there is none. */
  const newChat = ({ token }: TestUser, title?: string) =>
    Effect.map(request("POST", "/api/chats", { token, body: { title } }), (response) =>
      response.at("data.chat.id"),
    )

  const streamPath = (chat: string, content: string) =>
    `/api/chats/${chat}/messages/stream?content=${encodeURIComponent(content)}`

  /** Sends a prompt and reads the whole event stream. */
  const sendPrompt = (user: TestUser, chat: string, content: string) =>
    request("GET", streamPath(chat, content), { token: user.token })

  return { url, requestStream, request, newUser, newAdmin, newChat, streamPath, sendPrompt }
}

/** The client of a whole server on a free local port. */
export class App extends Context.Tag("test/App")<App, ReturnType<typeof makeClient>>() {}

/**
 * Provides the whole server with the given settings, by default on a fresh database, with the
 * scripted provider behind the real adapter. Rate limits allow what they allow at once, and never more.
 */
export const layer = (settings: Record<string, string> = {}, database = Database.layer) =>
  Layer.effect(
    App,
    HttpServer.addressWith((address) =>
      Effect.sync(() => makeClient(address._tag === "TcpAddress" ? `http://127.0.0.1:${address.port}` : "")),
    ),
  ).pipe(
    Layer.provideMerge(server),
    Layer.provideMerge(Layer.merge(makeAppLayer(database), StoppedRateLimiter.layer)),
    Layer.provide([configLayer({ PORT: "0", ...settings }), Logger.minimumLogLevel(LogLevel.Error)]),
    Layer.provideMerge(Provider.layer),
  )
