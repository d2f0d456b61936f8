import { defineContract } from "../../http/Contract"
import { commonErrorBody } from "../../http/ErrorBody"
import { files } from "./FileDownload"
import { generations } from "./Generations"

/** The Native contract. */
export const Native = defineContract({
  name: "Native",
  title: "Parley: generations and files",
  description:
    "Follow, resume and stop generations that were started through any contract. Download attachments and generated images.",
  errorBody: commonErrorBody,
  resources: [generations, files],
})
