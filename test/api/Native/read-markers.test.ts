import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App, type TestUser } from "../../support/App"
import { layer } from "../../support/it"

/** Starts a conversation of two users. Returns how to send a message, to get, to move and to list markers. */
const newConversation = (ada: TestUser, grace: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const body = { user_id: grace.id }
    const id = (yield* app.request("POST", "/v1/dm/conversations", { token: ada.token, body })).at("data.id")
    const path = `/api/channels/${id}/read-marker`
    return {
      id,
      send: ({ token }: TestUser, content = "Hello") =>
        Effect.map(
          app.request("POST", `/v1/dm/conversations/${id}/messages`, { token, body: { content } }),
          (response) => response.at("data.id"),
        ),
      get: ({ token }: TestUser) => app.request("GET", path, { token }),
      set: ({ token }: TestUser, messageId: string) =>
        app.request("PUT", path, { token, body: { messageId } }),
      list: ({ token }: TestUser, query = "") =>
        app.request("GET", `/api/channels/read-markers${query}`, { token }),
    }
  })

layer(Server.layer())("Read markers", (it) => {
  it.live("move forward only and count what others wrote since", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [ada, grace] = [yield* app.newUser(), yield* app.newUser()]
      const { id, send, get, set, list } = yield* newConversation(ada, grace)
      const [first, second] = [yield* send(ada), yield* send(ada)]
      yield* send(grace)
      expect((yield* get(grace)).json).toEqual({
        channelId: id,
        type: "direct",
        messageId: null,
        readAt: null,
        unreadCount: 2,
      })
      const reply = yield* app.request("POST", `/v1/messages/${first}/thread`, {
        token: ada.token,
        body: { content: "A reply" },
      })
      expect((yield* set(grace, reply.at("data.id"))).json).toMatchObject({
        messageId: first,
        unreadCount: 1,
      })
      const moved = yield* set(grace, second)
      expect(moved.json).toMatchObject({ messageId: second, readAt: expect.any(String), unreadCount: 0 })
      expect((yield* set(grace, first)).json).toEqual(moved.json)
      const last = yield* send(ada)
      expect((yield* list(grace)).json).toMatchObject({
        markers: [{ channelId: id, messageId: second, unreadCount: 1 }],
        total: 1,
        page: 1,
        limit: 50,
      })
      // The marker of a message that is deleted stays where it was.
      yield* app.request("DELETE", `/v1/messages/${second}`, { token: ada.token })
      expect((yield* get(grace)).json).toMatchObject({ messageId: second, unreadCount: 1 })
      yield* app.request("DELETE", `/v1/messages/${last}`, { token: ada.token })
      expect((yield* get(grace)).json).toMatchObject({ unreadCount: 0 })
      expect((yield* get(ada)).json).toMatchObject({ messageId: null, unreadCount: 1 })
    }),
  )

  it.live("stay at the last message when several are set at once", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [ada, grace] = [yield* app.newUser(), yield* app.newUser()]
      const { send, get, set } = yield* newConversation(ada, grace)
      const ids = yield* Effect.forEach([1, 2, 3, 4, 5, 6], () => send(ada))
      yield* Effect.forEach(ids.toReversed(), (id) => set(grace, id), { concurrency: "unbounded" })
      expect((yield* get(grace)).json).toMatchObject({ messageId: ids.at(-1), unreadCount: 0 })
    }),
  )

  it.live("list what the user may read, in pages, last active first", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [ada, grace] = [yield* app.newUser(), yield* app.newUser()]
      const { id, send, list } = yield* newConversation(ada, grace)
      const channel = (yield* app.request("POST", "/v1/channels", {
        token: ada.token,
        body: { name: "general" },
      })).at("data.id")
      const { token } = grace
      yield* app.request("POST", `/v1/channels/${channel}/members`, { token, body: { user_id: grace.id } })
      expect((yield* list(grace)).json).toMatchObject({
        markers: [{ channelId: channel }, { channelId: id }],
      })
      yield* send(ada)
      expect((yield* list(grace, "?limit=1")).json).toMatchObject({ markers: [{ channelId: id }], total: 2 })
      expect((yield* list(grace, "?limit=1&page=2")).json).toMatchObject({
        markers: [{ channelId: channel }],
      })
      expect((yield* list(grace, "?page=3")).json).toMatchObject({ markers: [], total: 2 })
      const permissions = `/v1/channels/${channel}/permissions`
      const body = { overrides: [{ user_id: grace.id, allow: [], deny: ["read"] }] }
      expect((yield* app.request("PUT", permissions, { token: ada.token, body })).status).toBe(200)
      expect((yield* list(grace)).json).toMatchObject({ markers: [{ channelId: id }], total: 1 })
      const denied = yield* app.request("GET", `/api/channels/${channel}/read-marker`, { token })
      expect([denied.status, denied.at("code")]).toEqual([403, "FORBIDDEN"])
      expect((yield* list(ada)).json).toMatchObject({ total: 2 })
      expect((yield* list(grace, "?limit=101")).status).toBe(400)
    }),
  )

  it.live("belong to channels that the user sees and to messages in them", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [ada, grace] = [yield* app.newUser(), yield* app.newUser()]
      const { get, set } = yield* newConversation(ada, ada)
      const other = yield* newConversation(ada, grace)
      for (const id of [yield* other.send(ada), "019bc0f1-2d08-7c3a-9d52-0e2a4c6e8b88", "nothing"]) {
        const missing = yield* set(ada, id)
        expect([missing.status, missing.at("code")]).toEqual([404, "MESSAGE_NOT_FOUND"])
      }
      expect((yield* get(grace)).at("code")).toBe("CHANNEL_NOT_FOUND")
    }),
  )
})
