import { expect } from "bun:test"
import { Effect } from "effect"
import * as Server from "../../support/App"
import { App } from "../../support/App"
import { layer } from "../../support/it"
import { connect } from "./socketClient"

layer(Server.layer())("Changes over Socket.IO", (it) => {
  it.live("notifies the members of a project of its changes, and those removed of its end", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, member, other] = [yield* app.newUser(), yield* app.newUser(), yield* app.newUser()]
      const sockets = {
        owner: yield* connect(owner.token),
        member: yield* connect(member.token),
        other: yield* connect(other.token),
      }
      const call = (method: string, url: string, body?: unknown) =>
        app.request(method, `/api/projects${url}`, { token: owner.token, body })
      const id = (yield* call("POST", "", { name: "Website" })).at("project.id")
      yield* call("POST", `/${id}/members`, { userId: member.id })
      yield* call("PUT", `/${id}`, { name: "Renamed" })
      yield* call("DELETE", `/${id}/members/${member.id}`)
      yield* call("DELETE", `/${id}`)
      const change = (action: string) => ({ entity: "project", action, id })
      yield* sockets.owner.waitForEvent("change", 5)
      yield* sockets.member.waitForEvent("change", 3)
      expect(sockets.owner.payloads("change")).toEqual(
        ["created", "updated", "updated", "updated", "deleted"].map(change),
      )
      expect(sockets.member.payloads("change")).toEqual(["updated", "updated", "deleted"].map(change))
      expect(sockets.other.payloads("change")).toEqual([])
    }),
  )

  it.live("notifies the owner of a chat and the members of its project of chats and messages", () =>
    Effect.gen(function* () {
      const app = yield* App
      const [owner, member] = [yield* app.newUser(), yield* app.newUser()]
      const call = (method: string, url: string, body?: unknown) =>
        app.request(method, `/api${url}`, { token: owner.token, body })
      const project = (yield* call("POST", "/projects", { name: "Website" })).at("project.id")
      yield* call("POST", `/projects/${project}/members`, { userId: member.id, role: "viewer" })
      const sockets = [yield* connect(owner.token), yield* connect(member.token)]
      const chat = (yield* call("POST", "/chat", { title: "Plan", projectId: project })).at("chat.id")
      yield* sockets[0]?.waitForEvent("change", 1) ?? Effect.void
      const sent = yield* call("POST", `/chat/${chat}/messages`, { content: "Hello", role: "user" })
      yield* sockets[0]?.waitForEvent("change", 3) ?? Effect.void
      yield* call("PUT", `/chat/${chat}`, { title: "Plans" })
      yield* sockets[0]?.waitForEvent("change", 4) ?? Effect.void
      yield* call("DELETE", `/chat/${chat}`)
      const change = (entity: string, action: string, id: unknown = chat) =>
        entity === "chat" ? { entity, action, id } : { entity, action, id, chatId: chat }
      for (const socket of sockets) {
        yield* socket.waitForEvent("change", 5)
        expect(socket.payloads("change")).toEqual([
          change("chat", "created"),
          change("message", "created", sent.at("message.id")),
          change("message", "updated", expect.any(String)),
          change("chat", "updated"),
          change("chat", "deleted"),
        ])
      }
    }),
  )

  it.live("notifies every tab of a user of changes of their organizations", () =>
    Effect.gen(function* () {
      const app = yield* App
      const { token } = yield* app.newUser()
      const tabs = [yield* connect(token), yield* connect(token, ["polling"])]
      const created = yield* app.request("POST", "/api/organizations", { token, body: { name: "Engines" } })
      const id = created.at("organization.id")
      yield* app.request("PUT", `/api/organizations/${id}`, { token, body: { name: "Motors" } })
      for (const tab of tabs) {
        yield* tab.waitForEvent("change", 2)
        expect(tab.payloads("change")).toEqual([
          { entity: "organization", action: "created", id },
          { entity: "organization", action: "updated", id },
        ])
      }
    }),
  )
})
