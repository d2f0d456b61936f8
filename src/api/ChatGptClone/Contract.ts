import { defineContract } from "../../http/Contract"
import { commonErrorBody } from "../../http/ErrorBody"
import { agents } from "./Agents"
import { chats } from "./Chats"
import { chatExport } from "./Export"
import { favorites } from "./Favorites"
import { feedback } from "./Feedback"
import { files } from "./Files"
import { history } from "./History"
import { invites } from "./Invites"
import { collections } from "./Library/Collections"
import { documents } from "./Library/Documents"
import { messages } from "./Messages"
import { organizations } from "./Organizations/Handlers"
import { projects } from "./Projects/Handlers"
import { search } from "./Search"
import { usage } from "./Usage"
import { user } from "./User"

/** The ChatGPT clone contract, except accounts, which the Account contract serves. */
export const ChatGptClone = defineContract({
  name: "ChatGPTClone",
  title: "Parley: ChatGPT clone",
  description:
    "Chats, projects, organizations, files, agents and a library of documents. Responses are plain objects with camelCase fields.",
  errorBody: commonErrorBody,
  resources: [
    agents,
    collections,
    documents,
    feedback,
    files,
    invites,
    organizations,
    projects,
    search,
    usage,
    user,
    chats,
    messages,
    history,
    favorites,
    chatExport,
  ],
})
