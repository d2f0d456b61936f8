import { Effect } from "effect"
import { newConfig, send } from "../../../api/UniChat/chatFixtures"
import { App, type TestUser } from "../../../support/App"
import type { Sample } from "./Sample"

const ids = (user: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const created = yield* app.request("POST", "/api/conversations", {
      token: user.token,
      body: { title: "Mine" },
    })
    return created.at("conversation.id")
  })

/** Creates a conversation with a prompt and an answer. */
const sendPrompt = (user: TestUser) =>
  Effect.gen(function* () {
    const config = yield* newConfig(user)
    return yield* send(user, { conversation_id: yield* ids(user), config_id: config, message: "hi" })
  })

const prompt = (user: TestUser) => Effect.map(sendPrompt(user), (sent) => sent.at("user_message.id"))
const answer = (user: TestUser) => Effect.map(sendPrompt(user), (sent) => sent.at("assistant_message.id"))

export const conversations: Readonly<Record<string, Sample>> = {
  searchConversations: { query: "?q=x" },
  searchMessages: { query: "?q=x" },
  createConversation: {
    body: { title: "New Conversation", folder_id: "507f191e810c19729de860ec" },
    nullable: ["title", "folder_id"],
  },
  getConversation: { ids },
  updateConversation: { ids, body: { title: "Updated", tags: ["development"], is_pinned: true } },
  deleteConversation: { ids },
  archiveConversation: { ids },
  exportConversation: { ids },
  sendMessage: { body: { config_id: "01890000-0000-7000-8000-000000000000", message: "What is React?" } },
  chatMessages: { ids },
  deleteMessage: { ids: prompt },
  editMessage: { ids: prompt },
  regenerateMessage: { ids: answer },
}
