import { Effect } from "effect"
import { App, type TestUser } from "../../../support/App"
import type { Sample } from "./Sample"

const newChat = ({ token }: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    return (yield* app.request("POST", "/api/chat", { token, body: {} })).at("chat.id")
  })

/** Creates a chat with a prompt. */
const sendPrompt = (owner: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const chat = yield* newChat(owner)
    const { token } = owner
    const sent = yield* app.request("POST", `/api/chat/${chat}/messages`, { token, body: { content: "hi" } })
    return [chat, sent.at("message.id")]
  })

const chatWithPrompt = (owner: TestUser) => Effect.map(sendPrompt(owner), ([chat = ""]) => chat)

export const chats: Readonly<Record<string, Sample>> = {
  updateUserProfile: { nullable: ["avatar"] },
  startChat: { nullable: ["title"] },
  getChatMessages: { ids: newChat },
  updateChat: { ids: newChat },
  deleteChat: { ids: newChat },
  generateChatTitle: { ids: chatWithPrompt },
  setChatAgent: { ids: newChat, nullable: ["agentId"] },
  postMessage: { ids: newChat },
  updateMessage: { ids: sendPrompt },
  removeMessage: { ids: sendPrompt },
  removeFromHistory: { ids: chatWithPrompt },
  addFavorite: { ids: newChat },
  removeFavorite: { ids: newChat },
  exportChat: { ids: newChat },
}
