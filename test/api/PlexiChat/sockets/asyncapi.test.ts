import { expect } from "bun:test"
import { Effect } from "effect"
import { getDocument, makeValidate } from "../../../openapi/asyncDocuments"
import * as Server from "../../../support/App"
import { App, type TestUser } from "../../../support/App"
import { layer } from "../../../support/it"
import { connectSocket, type Frame } from "../../../support/socketClient"

const bearer = ({ token }: TestUser) => ({ headers: { authorization: `Bearer ${token}` } })

const send = (method: string, path: string, { token }: TestUser, body?: unknown) =>
  Effect.map(
    Effect.flatMap(App, (app) =>
      app.request(method, path, { token, ...(body === undefined ? {} : { body }) }),
    ),
    (response) => {
      expect([method, path, response.status < 300]).toEqual([method, path, true])
      return response
    },
  )

/** Creates a channel and a conversation of two users who are both in the voice of either. */
const newScopes = Effect.gen(function* () {
  const { newUser } = yield* App
  const [owner, member] = [yield* newUser(), yield* newUser()]
  const created = yield* send("POST", "/v1/channels", owner, { name: "general", is_private: true })
  const channel = created.at("data.id")
  yield* send("POST", `/v1/channels/${channel}/members`, owner, { user_id: member.id })
  const conversation = yield* send("POST", "/v1/dm/conversations", owner, { user_id: member.id })
  for (const user of [owner, member]) yield* send("POST", `/v1/channels/${channel}/voice/join`, user)
  return { owner, member, channel, conversation: conversation.at("data.id") }
})

/** Does everything in a channel, and in calls, that sockets have events of; but a call that nobody answers. */
const causeEvents = Effect.fnUntraced(function* (
  channel: string,
  owner: TestUser,
  member: TestUser,
  channelCreated: Effect.Effect<unknown>,
) {
  const path = `/v1/channels/${channel}`
  const sent = yield* send("POST", `${path}/messages`, owner, { content: "Shall we?" })
  const message = `/v1/messages/${sent.at("data.id")}`
  yield* send("PUT", message, owner, { content: "Shall we weave?" })
  yield* send("POST", `${message}/thread`, member, { content: "We shall." })
  yield* send("POST", `${message}/reactions`, member, { emoji: "👍" })
  yield* send("DELETE", `${message}/reactions/${encodeURIComponent("👍")}`, member)
  yield* send("DELETE", message, owner)
  yield* send("PUT", path, owner, { description: "Everything" })
  const call = yield* send("POST", "/v1/calls", owner, { participant_ids: [member.id] })
  yield* send("POST", `/v1/calls/${call.at("data.id")}/join`, member)
  for (const user of [owner, member]) yield* send("DELETE", `/v1/calls/${call.at("data.id")}/leave`, user)
  const other = yield* (yield* App).newUser()
  yield* send("POST", `${path}/members`, owner, { user_id: other.id })
  yield* send("DELETE", `${path}/members/${other.id}`, owner)
  const second = yield* send("POST", "/v1/channels", owner, { name: "second" })
  // Nobody can read events of a channel that is deleted by then.
  yield* channelCreated
  yield* send("DELETE", `/v1/channels/${second.at("data.id")}`, owner)
})

layer(Server.layer())("The AsyncAPI document of PlexiChat's sockets", (it) => {
  it.live("describes every frame that clients can send, and every one that they get", () =>
    Effect.gen(function* () {
      const { url } = yield* App
      const { document } = yield* getDocument("/asyncapi/plexichat.json")
      const { channels, components, operations } = document
      const validate = makeValidate(document)
      const { owner, member, channel, conversation } = yield* newScopes
      const scopes: Readonly<Record<string, string>> = { channel, voice: channel, dm: conversation }
      expect(Object.entries(channels).map(([name, { address }]) => [name, address])).toEqual([
        ["connect", "/v1/ws/connect"],
        ["channel", "/v1/ws/channels/{id}"],
        ["dm", "/v1/ws/dm/{conversation_id}"],
        ["voice", "/v1/ws/voice/{channel_id}"],
      ])

      /** Returns the messages of a channel that fit a frame's type. */
      const candidates = (names: ReadonlyArray<string>, { type }: Frame) =>
        names
          .filter((name) => !name.startsWith("client."))
          .flatMap((name) => components.messages[name] ?? [])
          .filter(({ examples }) => Object(examples[0]?.payload).type === type)

      /** Returns what is wrong with a frame that is not as one of these messages. */
      const problemsOf = (names: ReadonlyArray<string>, frame: Frame) => {
        const problems = candidates(names, frame).map((message) => validate(message, frame))
        return problems.includes(undefined) ? [] : [{ frame, problems }]
      }

      const seen = new Map<string, Set<string>>()
      for (const [name, { address, messages }] of Object.entries(channels)) {
        const scope = scopes[name] ?? channel
        const path = String(address).replace(/\{\w+\}/, scope)
        const sockets = [
          yield* connectSocket(url, path),
          yield* connectSocket(url, path, bearer(member)),
        ] as const
        const [own, theirs] = sockets
        const exampleOf = (message: string) => {
          const { data, ...frame } = Object(components.messages[message]?.examples[0]?.payload)
          const values: Readonly<Record<string, unknown>> = {
            token: owner.token,
            after: own.received[0]?.seq,
            channel_id: scope,
            client_id: name,
            to: member.id,
          }
          const replaced = Object.keys(data).map((field) => [field, values[field] ?? data[field]])
          return { ...frame, id: message, data: Object.fromEntries(replaced) }
        }
        yield* own.send(exampleOf("client.auth"))
        yield* Effect.all([own.next("ready"), theirs.next("ready")])
        if (name === "connect") yield* causeEvents(channel, owner, member, own.next("channel.created"))

        for (const [id, { action, reply }] of Object.entries(operations)) {
          const message = id.slice(name.length + 1)
          if (!id.startsWith(`${name}.`) || action !== "receive") continue
          const frame = exampleOf(message)
          yield* own.send(frame)
          const answer = yield* own.until((frame) => frame.id === message)
          const names = (reply?.messages ?? []).map(({ $ref }) => $ref.split("/").at(-1) ?? "")
          expect([id, answer.type, problemsOf(names, answer)]).toEqual([
            id,
            message === "client.ping" ? "pong" : "ack",
            [],
          ])
        }
        yield* own.send({ type: "message.send", id: "rejected", data: {} })
        yield* own.until(({ id }) => id === "rejected")
        if (name === "voice") yield* theirs.next("mute")
        if (name === "connect")
          yield* Effect.all([theirs.next("typing"), theirs.next("presence"), own.next("channel.deleted")])
        const received = sockets.flatMap(({ received }) => received)
        expect(received.flatMap((frame) => problemsOf(Object.keys(messages), frame))).toEqual([])
        seen.set(
          name,
          new Set(
            received.flatMap((frame) => candidates(Object.keys(messages), frame)).map(({ name }) => name),
          ),
        )
      }
      const unseen = Object.keys(channels["connect"]?.messages ?? {}).filter(
        (message) => !message.startsWith("client.") && !seen.get("connect")?.has(message),
      )
      expect(unseen).toEqual(["call.missed"])
      expect([...(seen.get("voice") ?? [])]).toEqual(
        expect.arrayContaining(["offer", "answer", "ice-candidate", "mute"]),
      )
    }),
  )
})
