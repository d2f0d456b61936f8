import { Effect } from "effect"
import { App, type TestUser } from "../../../support/App"
import { pixel } from "../../../support/ScriptedProvider/Wire"
import type { Sample } from "./Sample"

const file = new File([Buffer.from(pixel, "base64")], "pixel.png", { type: "image/png" })

const newFile = ({ token }: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const raw = new FormData()
    raw.append("file", file)
    return (yield* app.request("POST", "/v1/files", { token, raw })).at("data.id")
  })

const share = (user: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const id = yield* newFile(user)
    const { token } = user
    const shared = yield* app.request("POST", `/v1/files/${id}/share`, { token, body: {} })
    return { id, link: shared.at("data.url").split("/").at(-1) ?? "" }
  })

const sharedFile = (user: TestUser) => Effect.map(share(user), ({ id }) => id)

export const plexiChatFiles: Readonly<Record<string, Sample>> = {
  v1UploadFile: { body: { file }, allowedFor: "everyone" },
  v1GetFile: { ids: newFile },
  v1DownloadFile: { ids: newFile },
  v1DeleteFile: { ids: newFile },
  v1GetThumbnail: { ids: newFile },
  v1ShareFile: { ids: newFile, nullable: ["expires_at", "max_downloads"] },
  v1GetFileShare: { ids: sharedFile },
  v1RevokeFileShare: { ids: sharedFile },
  v1DownloadSharedFile: {
    ids: (user) => Effect.map(share(user), ({ link }) => link),
    allowedFor: "everyone",
  },
}
