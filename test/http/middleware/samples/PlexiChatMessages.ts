import { Effect } from "effect"
import { App, type TestUser } from "../../../support/App"
import { newChannel } from "./PlexiChatChannels"
import type { Sample } from "./Sample"

/** Sends a message to a new private channel, with a reaction. */
const newMessage = (owner: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const { token } = owner
    const path = `/v1/channels/${yield* newChannel(owner)}/messages`
    const id = (yield* app.request("POST", path, { token, body: { content: "Hello" } })).at("data.id")
    yield* app.request("POST", `/v1/messages/${id}/reactions`, { token, body: { emoji: "👍" } })
    return id
  })

export const newConversation = ({ token, id }: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    return (yield* app.request("POST", "/v1/dm/conversations", { token, body: { user_id: id } })).at(
      "data.id",
    )
  })

export const plexiChatMessages: Readonly<Record<string, Sample>> = {
  v1ListChannelMessages: { ids: newChannel },
  v1SendChannelMessage: { ids: newChannel },
  v1GetMessage: { ids: newMessage },
  v1EditMessage: { ids: newMessage },
  v1DeleteMessage: { ids: newMessage },
  v1AddReaction: { ids: newMessage },
  v1RemoveReaction: { ids: (owner) => Effect.map(newMessage(owner), (id) => [id, encodeURIComponent("👍")]) },
  v1GetThread: { ids: newMessage },
  v1ReplyToMessage: { ids: newMessage },
  v1GetConversation: { ids: newConversation },
  v1ListConversationMessages: { ids: newConversation },
  v1SendDirectMessage: { ids: newConversation },
}
