import { expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../support/it"
import { Provider } from "../support/ScriptedProvider"
import { answer, Latch, waitFor } from "../support/ScriptedProvider/Script"
import { databaseEnv, startServer } from "../support/ServerProcess"

interface Json {
  readonly [key: string]: never
}

const send = (url: string, method: string, path: string, token?: string, body?: unknown) =>
  Effect.promise(async () => {
    const response = await fetch(url + path, {
      method,
      headers: {
        "content-type": "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      text,
      json: (text.startsWith("{") ? JSON.parse(text) : {}) as { data: Json & never },
    }
  })

const person = { email: "jane@example.com", password: "yourPassword", fullName: "Jane Doe" }

/** Signs in, after signing up if necessary. */
const signIn = Effect.fn(function* (url: string) {
  yield* send(url, "POST", "/api/auth/signup", undefined, person)
  const { json } = yield* send(url, "POST", "/api/auth/signin", undefined, person)
  return (json.data as { accessToken: string }).accessToken
})

/** Opens a stream. `until` reads on until `mark` has arrived, and returns everything received so far. */
const openStream = (url: string, chat: string, token: string, content: string) =>
  Effect.promise(async () => {
    const response = await fetch(`${url}/api/chats/${chat}/messages/stream?content=${content}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const reader = response.body?.getReader()
    const decoder = new TextDecoder()
    let text = ""
    const until = async (mark: string) => {
      while (!text.includes(mark)) {
        const { value, done } = (await reader?.read()) ?? { value: undefined, done: true }
        if (done) break
        text += decoder.decode(value, { stream: true })
      }
      return text
    }
    return { generation: response.headers.get("x-generation-id") ?? "", until }
  })

const start = Effect.gen(function* () {
  const provider = yield* Provider.make
  const env = {
    ...(yield* databaseEnv),
    OPENAI_BASE_URL: provider.url,
    DEFAULT_MODEL: "openai/scripted",
  }
  return { provider, env, server: yield* startServer(env) }
})

const contents = Effect.fn(function* (url: string, chat: string, token: string) {
  const { json } = yield* send(url, "GET", `/api/chats/${chat}/messages`, token)
  return (json.data as { items: Array<{ content: string }> }).items.map(({ content }) => content)
})

const newChat = Effect.fn(function* (url: string, token: string) {
  const { json } = yield* send(url, "POST", "/api/chats", token, {})
  return (json.data as { chat: { id: string } }).chat.id
})

it.live(
  "A killed server keeps everything acknowledged, and finalizes its generations after a restart",
  () =>
    Effect.gen(function* () {
      const { provider, env, server } = yield* start
      const token = yield* signIn(server.url)
      const chat = yield* newChat(server.url, token)
      yield* provider.script(answer("Whole"), answer("Half an", waitFor(new Latch()), " answer"))
      const complete = yield* openStream(server.url, chat, token, "one")
      yield* Effect.promise(() => complete.until("never"))
      const partial = yield* openStream(server.url, chat, token, "two")
      yield* Effect.promise(() => partial.until("Half an"))
      // Listed content has been checkpointed.
      yield* contents(server.url, chat, token).pipe(
        Effect.delay("50 millis"),
        Effect.repeat({ until: (all) => all.at(-1) === "Half an" }),
      )
      server.kill("SIGKILL")
      yield* Effect.promise(() => server.exited)

      const restarted = yield* startServer(env)
      expect(yield* contents(restarted.url, chat, token)).toEqual(["one", "Whole", "two", "Half an"])
      const log = yield* send(restarted.url, "GET", `/api/generations/${partial.generation}/events`, token)
      expect(log.text.match(/^event: .*$/gm)).toEqual([
        "event: prompt",
        "event: started",
        "event: delta",
        "event: interrupted",
      ])
      // For a client that had received more than was persisted.
      const rest = yield* Effect.promise(async () => {
        const headers = { authorization: `Bearer ${token}`, "last-event-id": "500" }
        return (
          await fetch(`${restarted.url}/api/generations/${partial.generation}/events`, { headers })
        ).text()
      })
      expect(rest.match(/^event: .*$/gm)).toEqual(["event: interrupted"])
      yield* provider.script(answer("Goes on"))
      const next = yield* openStream(restarted.url, chat, token, "three")
      yield* Effect.promise(() => next.until("never"))
      expect((yield* contents(restarted.url, chat, token)).slice(4)).toEqual(["three", "Goes on"])
    }),
  { timeout: 60_000 },
)

it.live(
  "A server that shuts down finishes running generations, rejects new requests, and exits with 0",
  () =>
    Effect.gen(function* () {
      const { provider, env, server } = yield* start
      const token = yield* signIn(server.url)
      const chat = yield* newChat(server.url, token)
      const latch = new Latch()
      yield* provider.script(answer("Hel", waitFor(latch), "lo"))
      const stream = yield* openStream(server.url, chat, token, "hi")
      yield* Effect.promise(() => stream.until("Hel"))
      // Twice, as when a signal reaches the whole process group and is also forwarded within it.
      server.kill("SIGTERM")
      server.kill("SIGTERM")
      yield* Effect.promise(() => stream.until("shutting down"))
      const response = yield* Effect.either(Effect.tryPromise(() => fetch(`${server.url}/api/health`)))
      expect(response._tag === "Left" || response.right.status === 503).toBe(true)
      latch.open()
      expect(yield* Effect.promise(() => stream.until("never"))).toContain('"content":"lo"')
      expect(yield* Effect.promise(() => server.exited)).toBe(0)
      expect(server.output().match(/"message":"shut[^"]*"/g)).toEqual([
        '"message":"shutting down: draining generations"',
        '"message":"shutdown complete"',
      ])
      expect(server.output()).toMatch(/"generations":1,"timeout":"10s"/)
      const again = yield* startServer(env)
      expect(yield* contents(again.url, chat, token)).toEqual(["hi", "Hello"])
    }),
  { timeout: 60_000 },
)

it.live(
  "A generation that exceeds the drain timeout is interrupted, with its partial answer stored",
  () =>
    Effect.gen(function* () {
      const provider = yield* Provider.make
      const env = {
        ...(yield* databaseEnv),
        OPENAI_BASE_URL: provider.url,
        DEFAULT_MODEL: "openai/scripted",
        DRAIN_TIMEOUT: "500 millis",
      }
      const server = yield* startServer(env)
      const token = yield* signIn(server.url)
      const chat = yield* newChat(server.url, token)
      yield* provider.script(answer("As far as it", waitFor(new Latch())))
      const stream = yield* openStream(server.url, chat, token, "hi")
      yield* Effect.promise(() => stream.until("As far"))
      server.kill("SIGTERM")
      expect(yield* Effect.promise(() => stream.until("never"))).toContain('"code":"INTERRUPTED"')
      expect(yield* Effect.promise(() => server.exited)).toBe(0)
      const again = yield* startServer(env)
      expect(yield* contents(again.url, chat, token)).toEqual(["hi", "As far as it"])
    }),
  { timeout: 60_000 },
)
