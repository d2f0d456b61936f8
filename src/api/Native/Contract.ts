import { defineContract } from "../../http/Contract"
import { commonErrorBody } from "../../http/ErrorBody"
import { generations } from "./Generations"
import { messages } from "./Messages"
import { readMarkers } from "./ReadMarkers"

/** The Native contract. */
export const Native = defineContract({
  name: "Native",
  title: "Parley: generations and messages",
  description:
    "Follow, resume and stop generations that were started through any contract. List the messages of a conversation. Mark channels and direct messages as read.",
  errorBody: commonErrorBody,
  resources: [generations, messages, readMarkers],
})
