import { Effect } from "effect"
import { App, type TestUser } from "../../../support/App"
import type { Sample } from "./Sample"

const file = new File(["hello"], "hello.txt", { type: "text/plain" })

const fileIds = ({ token }: TestUser) =>
  Effect.gen(function* () {
    const raw = new FormData()
    raw.set("file", file)
    const created = yield* (yield* App).request("POST", "/api/files", { token, raw })
    return created.at("file.id")
  })

export const chatGptClone: Readonly<Record<string, Sample>> = {
  getAgent: { ids: () => Effect.succeed("00000000-0000-7000-8000-000000000004"), allowedFor: "everyone" },
  uploadFile: { body: { file }, allowedFor: "everyone" },
  getFile: { ids: fileIds },
  deleteFile: { ids: fileIds },
  downloadFile: { ids: fileIds },
  submitFeedback: { allowedFor: "everyone" },
  listFeedback: { allowedFor: "admin" },
}
