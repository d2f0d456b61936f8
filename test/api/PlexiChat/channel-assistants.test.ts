import { expect } from "bun:test"
import { SqlClient } from "@effect/sql"
import { Effect, Layer } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import * as Database from "../../support/Database"
import { it, layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, Latch, stall, status, waitFor } from "../../support/ScriptedProvider/Script"
import { connectSocket } from "../../support/socketClient"

/** An answer of an assistant as a body has it. */
interface Answer {
  readonly id: string
  readonly author: unknown
  readonly content: string
  readonly generation: { readonly id: string; readonly state: string }
}

const newAssistant = ({ token }: TestUser, name: string) =>
  Effect.gen(function* () {
    const app = yield* App
    const body = {
      name,
      model_id: "openai/scripted",
      model_name: "Scripted",
      description: "",
      system_prompt: "You know all about looms.",
    }
    return (yield* app.request("POST", "/api/configs", { token, body })).at("config.id")
  })

/** Creates a private channel of two users. */
const newChannel = (owner: TestUser, member: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const { token } = owner
    const body = { name: "weaving", is_private: true }
    const id = (yield* app.request("POST", "/v1/channels", { token, body })).at("data.id")
    yield* app.request("POST", `/v1/channels/${id}/members`, { token, body: { user_id: member.id } })
    return `/v1/channels/${id}`
  })

const post = ({ token }: TestUser, path: string, content: string) =>
  Effect.gen(function* () {
    const app = yield* App
    return (yield* app.request("POST", path, { token, body: { content } })).at("data.id")
  })

const answersTo = ({ token }: TestUser, message: string) =>
  Effect.gen(function* () {
    const app = yield* App
    const { json } = yield* app.request("GET", `/v1/messages/${message}/thread`, { token })
    const { data } = json as { data: { replies: ReadonlyArray<Answer> } }
    return data.replies.filter(({ generation }) => generation !== null)
  })

/** Waits until the only assistant's answer to a message is in a state. */
const untilAnswered = (user: TestUser, message: string, state: string) =>
  Effect.gen(function* () {
    const [answer] = yield* Effect.repeat(answersTo(user, message), {
      until: ([answer]) => answer?.generation.state === state,
    })
    return answer ?? (yield* Effect.die("There is no answer"))
  })

layer(Server.layer())("Assistants in channels", (it) => {
  it.live("answer in the thread of a message that mentions them, at the cost of who asked", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      const [ada, grace, other] = [
        yield* app.newUser({ name: "Ada Lovelace" }),
        yield* app.newUser({ name: "Grace Hopper" }),
        yield* app.newUser(),
      ]
      const id = yield* newAssistant(ada, "Loom Expert!")
      const channel = yield* newChannel(ada, grace)
      const socket = yield* connectSocket(app.url, "/v1/ws/connect", {
        headers: { authorization: `Bearer ${grace.token}` },
      })
      yield* socket.next("ready")
      const root = yield* post(grace, `${channel}/messages`, "How does a loom weave?")
      const latch = new Latch()
      yield* provider.script(answer("With a ", waitFor(latch), "shuttle. Ask @loom-expert again."))
      const before = provider.requests.length
      yield* post(ada, `/v1/messages/${root}/thread`, "Let us ask @Loom-Expert, mail ada@loom-expert.example")
      // While it is written, its text is sent to the channel, and its events are readable for everyone in it.
      const { data } = yield* socket.until(
        ({ type, data }) => type === "message.updated" && data["content"] === "With a ",
      )
      expect(data).toMatchObject({
        thread_id: root,
        author: { id, username: "loom-expert", display_name: "Loom Expert!" },
        generation: { id: expect.any(String), state: "running" },
      })
      latch.open()
      const done = yield* untilAnswered(grace, root, "completed")
      expect(done).toMatchObject({
        content: "With a shuttle. Ask @loom-expert again.",
        author: { id, username: "loom-expert", display_name: "Loom Expert!" },
      })
      yield* socket.until(({ type, data }) => type === "message.updated" && data["content"] === done.content)
      const events = `/api/generations/${done.generation.id}/events`
      const read = yield* app.request("GET", events, { token: grace.token })
      expect(read.events.at(-1)?.event).toBe("completed")
      expect((yield* app.request("GET", events, { token: other.token })).status).toBe(404)
      const stop = `/api/generations/${done.generation.id}/stop`
      expect((yield* app.request("POST", stop, { token: grace.token })).status).toBe(404)
      const [request] = provider.requests.slice(before)
      const texts = request?.body.messages.map(({ content }) => String(content)) ?? []
      expect(texts[0]).toContain("You know all about looms.")
      expect(texts[1]).toMatch(
        /^Grace Hopper \(@.+\): How does a loom weave\?\n\nAda Lovelace \(@.+\): Let us ask/,
      )
      // Its own mention of itself is nobody's question, and the conversation is in nobody's list.
      expect(provider.requests.length).toBe(before + 1)
      expect(yield* answersTo(grace, root)).toHaveLength(1)
      const usage = ({ token }: TestUser) =>
        Effect.map(app.request("GET", "/api/usage", { token }), ({ json }) => json)
      expect(yield* usage(ada)).toMatchObject({ usage: { requests: 1 } })
      expect(yield* usage(grace)).toMatchObject({ usage: { requests: 0 } })
      const conversations = yield* app.request("GET", "/api/conversations", { token: ada.token })
      expect(conversations.json).toMatchObject({ conversations: [] })
    }),
  )

  it.live("are those that the author has, and nobody else's", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      const [ada, grace] = [yield* app.newUser(), yield* app.newUser()]
      const id = yield* newAssistant(ada, "Weaver")
      yield* app.request("POST", `/api/configs/${id}/publish`, { token: ada.token })
      const channel = yield* newChannel(ada, grace)
      const before = provider.requests.length
      yield* post(grace, `${channel}/messages`, "@weaver and @nobody, are you there?")
      const asked = yield* post(ada, `${channel}/messages`, "@nobody, @weaver: are you there?")
      yield* untilAnswered(grace, asked, "completed")
      expect(provider.requests.length).toBe(before + 1)
      // Whoever saves it from the gallery can ask it too.
      expect(
        (yield* app.request("POST", `/api/gallery/${id}/save`, { token: grace.token })).status,
      ).toBeLessThan(300)
      const again = yield* post(grace, `${channel}/messages`, "(@weaver) and now?")
      yield* untilAnswered(ada, again, "completed")
    }),
  )

  it.live("say that an answer failed, was stopped or is not covered by the limit of tokens", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      const [ada, grace, admin] = [yield* app.newUser(), yield* app.newUser(), yield* app.newAdmin()]
      yield* newAssistant(ada, "Weaver")
      const channel = yield* newChannel(grace, ada)
      const ask = post(ada, `${channel}/messages`, "@weaver?")
      yield* provider.script(status(500))
      const failed = yield* untilAnswered(grace, yield* ask, "failed")
      expect(failed.content).toMatch(/^The answer failed: .+/)

      yield* provider.script(answer("Half", stall))
      const asked = yield* ask
      const { generation } = yield* untilAnswered(grace, asked, "running")
      yield* Effect.repeat(answersTo(grace, asked), { until: ([answer]) => answer?.content === "Half" })
      yield* app.request("POST", `/api/generations/${generation.id}/stop`, { token: ada.token })
      expect(yield* untilAnswered(grace, asked, "stopped")).toMatchObject({ content: "Half" })

      const limits = `/api/admin/users/${ada.id}/limits`
      yield* app.request("PUT", limits, { token: admin.token, body: { tokens_limit: 1 } })
      const refused = yield* untilAnswered(grace, yield* ask, "failed")
      expect(refused).toMatchObject({ generation: { id: null } })
      expect(refused.content).toContain("Token limit reached")
    }),
  )

  it.live("are stopped when their answer is deleted, or the channel that it is in", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      const [ada, grace] = [yield* app.newUser(), yield* app.newUser()]
      yield* newAssistant(ada, "Weaver")
      const channel = yield* newChannel(grace, ada)
      // The answer in the channel that is deleted is the second one.
      for (const pathOf of [(answer: Answer) => `/v1/messages/${answer.id}`, () => channel]) {
        yield* provider.script(answer("Half", stall))
        const asked = yield* post(ada, `${channel}/messages`, "@weaver?")
        const written = yield* untilAnswered(grace, asked, "running")
        const deleted = yield* app.request("DELETE", pathOf(written), { token: grace.token })
        expect(deleted.status).toBe(204)
        const events = `/api/generations/${written.generation.id}/events`
        const read = yield* app.request("GET", events, { token: ada.token })
        expect(read.events.at(-1)?.event).toBe("stopped")
      }
      const usage = yield* app.request("GET", "/api/usage", { token: ada.token })
      expect(usage.json).toMatchObject({ usage: { requests: 2 } })
    }),
  )

  it.live("leave what they have written when the account of who asked is deleted", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      const [ada, grace] = [yield* app.newUser(), yield* app.newUser()]
      yield* newAssistant(ada, "Weaver")
      const channel = yield* newChannel(grace, ada)
      yield* provider.script(answer("Half", stall))
      const asked = yield* post(ada, `${channel}/messages`, "@weaver?")
      yield* Effect.repeat(answersTo(grace, asked), { until: ([answer]) => answer?.content === "Half" })
      const { token, password } = ada
      const deleted = yield* app.request("DELETE", "/v1/auth/me", { token, body: { password } })
      expect(deleted.status).toBe(204)
      const [left] = yield* Effect.repeat(answersTo(grace, asked), {
        until: ([answer]) => answer?.generation.state !== "running",
      })
      // Deleting the account stops its generations, and then deletes them.
      expect(["stopped", "interrupted"]).toContain(left?.generation.state ?? "")
      expect(left).toMatchObject({ author: null, content: "Half" })
    }),
  )
})

it.live(
  "Assistants in channels answer once what was mentioned on a node that died before it answered",
  () =>
    Effect.gen(function* () {
      const database = Layer.succeedContext(yield* Layer.build(Database.layer))
      const { ada, asked } = yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const { newUser } = yield* App
        const [ada, grace] = [yield* newUser(), yield* newUser()]
        yield* newAssistant(ada, "Weaver")
        const channel = yield* newChannel(ada, grace)
        const asked = yield* post(ada, `${channel}/messages`, "Are you there?")
        const other = yield* post(grace, `${channel}/messages`, "Are you there?")
        // As a node leaves them that dies right after they were sent. Grace has no such assistant.
        yield* sql`update posts set content = '@weaver?', mention_owner = 1 where id in (${asked}, ${other})`
        return { ada, asked }
      }).pipe(Effect.provide(Server.layer({}, database)))
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        expect(yield* untilAnswered(ada, asked, "completed")).toMatchObject({
          author: { username: "weaver" },
        })
        yield* Effect.repeat(sql`select from posts where mention_owner is not null`, {
          until: ({ length }) => length === 0,
        })
        expect(yield* answersTo(ada, asked)).toHaveLength(1)
        expect((yield* Provider).requests).toHaveLength(1)
      }).pipe(Effect.provide(Server.layer({}, database)))
    }),
  { timeout: 90_000 },
)
