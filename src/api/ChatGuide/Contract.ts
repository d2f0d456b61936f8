import { defineContract } from "../../http/Contract"
import { auth } from "./Accounts"
import { errorBody } from "./Body"
import { chats } from "./Chats"
import { messages } from "./Messages"

/** The ChatGuide contract. */
export const ChatGuide = defineContract({
  name: "ChatGuide",
  title: "Parley: ChatGuide",
  description:
    "Chat with a model from a simple front end: sign up, create a chat, stream an answer. Successful responses are `{data, statusCode, timestamp}`.",
  errorBody: errorBody,
  resources: [auth, chats, messages],
})
