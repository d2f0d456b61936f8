import { defineContract } from "../../http/Contract"
import { commonErrorBody } from "../../http/ErrorBody"
import { agents } from "./Agents"
import { feedback } from "./Feedback"
import { invites } from "./Invites"
import { collections } from "./Library/Collections"
import { documents } from "./Library/Documents"
import { organizations } from "./Organizations/Handlers"
import { projects } from "./Projects/Handlers"
import { search } from "./Search"
import { usage } from "./Usage"

/** The ChatGPT clone contract, except accounts, which the Account contract serves. */
export const ChatGptClone = defineContract({
  name: "ChatGPTClone",
  title: "Parley: ChatGPT clone",
  description:
    "Chats, projects, organizations, files, agents and a library of documents. Responses are plain objects with camelCase fields.",
  errorBody: commonErrorBody,
  resources: [agents, collections, documents, feedback, invites, organizations, projects, search, usage],
})
