import { Effect } from "effect"
import { newConfig, send } from "../../../api/UniChat/chatFixtures"
import { App, type TestUser } from "../../../support/App"
import type { Sample } from "./Sample"

const ids = (person: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const made = yield* app.request("POST", "/api/conversations", {
      token: person.token,
      body: { title: "Mine" },
    })
    return made.at("conversation.id")
  })

/** A conversation in which something was said: its prompt and its answer. */
const said = (person: TestUser) =>
  Effect.gen(function* () {
    const config = yield* newConfig(person)
    return yield* send(person, { conversation_id: yield* ids(person), config_id: config, message: "hi" })
  })

const prompt = (person: TestUser) => Effect.map(said(person), (sent) => sent.at("user_message.id"))
const answer = (person: TestUser) => Effect.map(said(person), (sent) => sent.at("assistant_message.id"))

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
  editMessage: { ids: prompt, body: { content: "What is Vue?", regenerate: false } },
  regenerateMessage: { ids: answer },
}
