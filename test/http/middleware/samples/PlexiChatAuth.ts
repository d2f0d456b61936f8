import { Effect } from "effect"
import { App, type TestUser } from "../../../support/App"
import type { Sample } from "./Sample"

const newApiKey = ({ token }: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    return (yield* app.request("POST", "/v1/auth/api-keys", { token, body: { name: "Bot" } })).at("data.id")
  })

export const plexiChatAuth: Readonly<Record<string, Sample>> = {
  v1CreateApiKey: { nullable: ["expires_at"] },
  v1GetApiKey: { ids: newApiKey },
  v1RevokeApiKey: { ids: newApiKey },
}
