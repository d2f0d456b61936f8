import { Effect } from "effect"
import { App, type RequestOptions, type TestUser } from "../../support/App"

/** Calls operations of the contract as a user. */
export const chatsOf = (user: TestUser) =>
  Effect.map(App, (app) => {
    const call = (method: string, path: string, body?: unknown, options?: RequestOptions) =>
      app.request(method, path, { token: user.token, body, ...options })

    /** Creates a chat and returns its id; by default with a title, so that the model generates none. */
    const newChat = (body: unknown = { title: "Chat" }) =>
      Effect.map(call("POST", "/api/chat", body), (created) => created.at("chat.id"))

    const send = (chat: string, body: unknown) => call("POST", `/api/chat/${chat}/messages`, body)

    /** Waits until a chat has this many messages of which none is being generated, and returns them. */
    const messagesOf = (chat: string, count: number) =>
      call("GET", `/api/chat/${chat}/messages`).pipe(
        Effect.map(({ json }): ReadonlyArray<Record<string, unknown>> => Object(json).messages),
        Effect.repeat({
          until: (messages) =>
            messages.length === count &&
            messages.every(({ role, content, metadata }) => role === "user" || (content !== "" && metadata)),
        }),
      )

    return { user, call, newChat, send, messagesOf }
  })

/** Registers a user to call operations of the contract as. */
export const makeChats = Effect.flatMap(App, (app) => Effect.flatMap(app.newUser(), chatsOf))
