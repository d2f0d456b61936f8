import { expect } from "bun:test"
import { Effect } from "effect"
import { Assistants } from "../../../src/domain/assistants/Assistants"
import { AssistantId } from "../../../src/domain/assistants/Assistants/Model"
import { Arena } from "../../../src/domain/chat/Arena"
import { ArenaSessionId } from "../../../src/domain/conversations/Conversations/Model"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { answer, status, usage } from "../../support/ScriptedProvider/Script"
import { actorOf, compare, newConfigs } from "./arenaFixtures"
import { atOnce, configOf, time } from "./configFixtures"

const path = "/api/arena/sessions"
const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)

layer(Server.layer({ TOKENS_LIMIT: "-1" }))("Arena", (it) => {
  it.live("compares configs as the contract documents", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      const user = yield* app.newUser()
      const { id: user_id, token } = user
      const configs = yield* newConfigs(user, 3)
      const body = { config_ids: configs, title: "GPT vs Claude vs Gemini" }
      const created = yield* app.request("POST", path, { token, body })
      const id = created.at("session.id")
      const session = { ...body, id, user_id, message_count: 0, created_at: time }
      expect([created.status, created.json]).toEqual([201, { session: { ...session, id: uuid } }])

      yield* provider.setResponder(({ model }) =>
        model === "gemini" ? status(500) : answer(`${model} thinks`, usage(7, 2)),
      )
      const { message, lanes } = yield* compare(user, configs, "What is it?", ArenaSessionId.make(id))
      const read = yield* app.request("GET", `${path}/${id}`, { token })
      const answerBody = (index: number, model: string) => ({
        id: lanes[index]?.generation.answerId,
        session_id: id,
        role: "assistant",
        config_id: configs[index],
        content: `${model} thinks`,
        metadata: {
          model_id: `openai/${model}`,
          tokens: { prompt: 7, completion: 2 },
          generation_time_ms: expect.any(Number),
          cost_usd: null,
        },
        created_at: time,
      })
      const config = (index: number, name: string) => ({
        ...configOf(configs[index] ?? "", user),
        name,
        model_id: `openai/${name.toLowerCase()}`,
        model_name: `openai/${name.toLowerCase()}`,
        description: "",
        system_prompt: "You are a helpful coding assistant.",
        tags: [],
      })
      expect([read.status, read.json]).toEqual([
        200,
        {
          session: { ...session, message_count: 3 },
          messages: [
            { id: message.id, session_id: id, role: "user", content: "What is it?", created_at: time },
            answerBody(0, "claude"),
            answerBody(2, "gpt"),
          ],
          configs: [config(0, "Claude"), config(1, "Gemini"), config(2, "GPT")],
        },
      ])
      const listed = yield* app.request("GET", path, { token })
      expect([listed.status, listed.json]).toEqual([
        200,
        { sessions: [{ ...session, message_count: 3 }], total: 1, page: 1, limit: 20, has_more: false },
      ])

      const deleted = yield* atOnce(3, app.request("DELETE", `${path}/${id}`, { token }))
      expect(deleted.map((answer) => answer.status).toSorted()).toEqual([200, 404, 404])
      expect(deleted.find((answer) => answer.status === 200)?.json).toEqual({ message: "Session deleted" })
      expect((yield* app.request("GET", `${path}/${id}`, { token })).status).toBe(404)
      expect((yield* app.request("GET", path, { token })).json).toMatchObject({ sessions: [], total: 0 })
    }),
  )

  it.live("lists sessions by last message, page by page, and titles them by their first words", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      yield* provider.setResponder(() => answer("Yes"))
      const user = yield* app.newUser()
      const { token } = user
      const config_ids = yield* newConfigs(user, 2)
      const created = yield* atOnce(5, app.request("POST", path, { token, body: { config_ids } }))
      const ids = created.map((one) => one.at("session.id"))
      expect([...new Set(created.map((one) => one.at("session.title")))]).toEqual(["New arena session"])
      const first = ids[0] ?? ""
      yield* compare(user, config_ids, "Is this the first?\nIt is.", ArenaSessionId.make(first))
      const page = (query: string) => app.request("GET", `${path}?${query}`, { token })
      const [one, two, three, skipped] = yield* Effect.all(
        [page("limit=2"), page("page=2&limit=2"), page("page=3&limit=2"), page("skip=5&limit=2")],
        { concurrency: "unbounded" },
      )
      expect([one.at("sessions.0.id"), one.at("sessions.0.title")]).toEqual([first, "Is this the first?"])
      const paging = [one, two, three, skipped].map(({ json }) => {
        const { sessions, ...rest } = Object(json)
        return { ...rest, shown: sessions.length }
      })
      expect(paging).toEqual([
        { total: 5, page: 1, limit: 2, has_more: true, shown: 2 },
        { total: 5, page: 2, limit: 2, has_more: true, shown: 2 },
        { total: 5, page: 3, limit: 2, has_more: false, shown: 1 },
        { total: 5, page: 3, limit: 2, has_more: false, shown: 0 },
      ])
      const seen = [one, two, three].flatMap(({ json }) => Object(json).sessions)
      expect(seen.map(({ id }: { id: string }) => id).toSorted()).toEqual(ids.toSorted())
    }),
  )

  it.live("accepts 2 to 4 distinct visible configs and reports what is invalid", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [user, otherUser] = yield* Effect.all([app.newUser(), app.newUser()])
      const { token } = user
      const configs = yield* newConfigs(user, 5)
      const [hidden] = yield* newConfigs(otherUser, 1)
      const create = (body: unknown) =>
        Effect.map(app.request("POST", path, { token, body }), (answer) => [answer.status, answer.at("code")])
      const [a, b] = configs
      for (const config_ids of [[], [a], configs, [a, b, a], [a, a?.toUpperCase()]]) {
        expect(yield* create({ config_ids })).toEqual([400, "INVALID_CONFIG_COUNT"])
      }
      for (const config_ids of [
        [a, "nothing"],
        [a, hidden],
        [a, "019bc0f1-0000-7000-8000-000000000001"],
      ]) {
        expect(yield* create({ config_ids })).toEqual([404, "CONFIG_NOT_FOUND"])
      }
      for (const body of [
        {},
        { config_ids: "a" },
        { config_ids: [1, 2] },
        { config_ids: configs, title: "" },
      ]) {
        expect(yield* create(body)).toEqual([400, "VALIDATION_ERROR"])
      }
      expect((yield* app.request("GET", path, { token })).json).toMatchObject({ sessions: [], total: 0 })
      const assistants = yield* Assistants
      const owner = actorOf(otherUser)
      yield* assistants.publish(owner, AssistantId.make(hidden ?? ""))
      const shared = yield* app.request("POST", path, { token, body: { config_ids: [a, hidden] } })
      expect(shared.status).toBe(201)
      const id = shared.at("session.id")
      yield* assistants.unpublish(owner, AssistantId.make(hidden ?? ""))
      const after = yield* app.request("GET", `${path}/${id}`, { token })
      expect(Object(after.json).session.config_ids).toEqual([a, hidden])
      expect(Object(after.json).configs.map((config: { id: string }) => config.id)).toEqual([a])
    }),
  )

  it.live("keeps arena conversations out of every other operation", () =>
    Effect.gen(function* () {
      const app = yield* App
      const provider = yield* Provider
      yield* provider.setResponder(() => answer("Platypus, from the lane"))
      const { token: admin } = yield* app.newAdmin()
      const totals = Effect.map(app.request("GET", "/api/admin/analytics", { token: admin }), ({ json }) => {
        const { conversations } = Object(json).analytics
        return conversations
      })
      const days = Effect.map(
        app.request("GET", "/api/admin/analytics/timeseries?metric=conversations&days=1", {
          token: admin,
        }),
        ({ json }) => Object(json).timeseries.conversations,
      )
      const user = yield* app.newUser()
      const { token } = user
      const before = [yield* totals, yield* days]
      const configs = yield* newConfigs(user, 2)
      yield* (yield* Arena).create(actorOf(user), { assistantIds: configs })
      const { lanes, session, message } = yield* compare(user, configs, "Platypus?")
      expect([yield* totals, yield* days]).toEqual(before)

      const none = [
        ["/api/conversations", { conversations: [], total: 0 }],
        ["/api/conversations?search=platypus", { conversations: [], total: 0 }],
        ["/api/conversations/search?q=platypus", { conversations: [] }],
        ["/api/conversations/search/messages?q=platypus", { results: [], total: 0 }],
        ["/api/chats", { data: [] }],
      ] as const
      for (const [where, nothing] of none) {
        const response = yield* app.request("GET", where, { token })
        expect([where, response.status]).toEqual([where, 200])
        expect([where, response.json]).toMatchObject([where, nothing])
      }
      const history = yield* app.request("GET", `/api/admin/users/${user.id}/history?include_messages=true`, {
        token: admin,
      })
      expect([history.status, history.json]).toMatchObject([200, { conversations: [], total: 0 }])
      const details = yield* app.request("GET", `/api/admin/users/${user.id}`, { token: admin })
      expect(Object(details.json).user.stats.conversation_count).toBe(0)

      const lane = session.lanes[0]?.conversationId ?? ""
      const answerId = lanes[0]?.generation.answerId ?? ""
      const body = { config_id: configs[0], message: "Me too", conversation_id: lane }
      const requests = [
        ["GET", `/api/conversations/${lane}`],
        ["PUT", `/api/conversations/${lane}`, { title: "Mine" }],
        ["DELETE", `/api/conversations/${lane}`],
        ["POST", `/api/conversations/${lane}/archive`],
        ["GET", `/api/conversations/${lane}/export`],
        ["GET", `/api/chat/${lane}/messages`],
        ["POST", "/api/chat/send", body],
        ["POST", `/api/chat/regenerate/${answerId}`],
        ["PUT", `/api/chat/messages/${message.id}`, { content: "Otherwise", regenerate: true }],
        ["DELETE", `/api/chat/messages/${answerId}`],
        ["GET", `/api/chats/${lane}`],
        ["GET", `/api/chats/${lane}/messages`],
        ["GET", `/api/chats/${lane}/messages/stream?content=hello`],
      ] as const
      for (const [method, where, sent] of requests) {
        const rejected = yield* app.request(method, where, { token, body: sent })
        expect([where, rejected.status]).toEqual([where, 404])
      }
      const chat = yield* app.newChat(user)
      expect(session.lanes.map(({ conversationId }): string => conversationId)).not.toContain(chat)
      const unchanged = yield* app.request("GET", `${path}/${session.id}`, { token })
      expect(Object(unchanged.json).session.message_count).toBe(3)
      expect(unchanged.at("messages.1.content")).toBe("Platypus, from the lane")
    }),
  )
})
