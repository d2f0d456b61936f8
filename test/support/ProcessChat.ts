import { Effect } from "effect"
import { makeClient } from "./App"
import { readStream } from "./readStream"

/** A user's chat through the server at `url`. */
const chatAt = (url: string, token: string, chat: string) => {
  const client = makeClient(url)
  const messagesPath = `/api/chats/${chat}/messages`
  const contents = Effect.map(client.request("GET", messagesPath, { token }), ({ json }) =>
    (json as { data: { items: Array<{ content: string }> } }).data.items.map(({ content }) => content),
  )
  return {
    client,
    token,
    /** Sends a prompt, or resumes after the event `lastEventId`, and reads the stream. */
    send: (content: string, lastEventId?: number) =>
      Effect.map(
        client.requestStream("GET", client.streamPath(chat, content), {
          token,
          ...(lastEventId === undefined ? {} : { headers: { "last-event-id": `${lastEventId}` } }),
        }),
        readStream,
      ),
    /** The contents of all messages, oldest first. */
    contents,
    /** Waits until this is the last listed content, which has then been checkpointed. */
    awaitCheckpoint: (content: string) =>
      contents.pipe(
        Effect.delay("50 millis"),
        Effect.repeat({ until: (all) => all.at(-1) === content }),
        Effect.asVoid,
      ),
    /** Returns the names of a generation's events, all of them or those after `lastEventId`. */
    eventNames: (generation: string, lastEventId = -1) =>
      Effect.map(
        client.request("GET", `/api/generations/${generation}/events`, {
          token,
          ...(lastEventId < 0 ? {} : { headers: { "last-event-id": `${lastEventId}` } }),
        }),
        ({ events }) => events.map(({ event }) => event),
      ),
    /** Returns the chat through another server on the same database. */
    at: (otherUrl: string) => chatAt(otherUrl, token, chat),
  }
}

/** Registers a user with an empty chat at a server that runs as a process. */
export const newProcessChat = (url: string) =>
  Effect.gen(function* () {
    const client = makeClient(url)
    const user = yield* client.newUser()
    return chatAt(url, user.token, yield* client.newChat(user))
  })
