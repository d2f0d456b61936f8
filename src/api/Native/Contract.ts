import { defineContract } from "../../http/Contract"
import { commonErrorBody } from "../../http/ErrorBody"
import { files } from "./FileDownload"
import { generations } from "./Generations"
import { messages } from "./Messages"

/** The Native contract. */
export const Native = defineContract({
  name: "Native",
  title: "Parley: generations, messages and files",
  description:
    "Follow, resume and stop generations that were started through any contract. List the messages of a conversation. Download attachments and generated images.",
  errorBody: commonErrorBody,
  resources: [generations, messages, files],
})
