import { Effect } from "effect"
import { App, type TestUser } from "../../../support/App"
import type { Sample } from "./Sample"

/** Shares a conversation of this user. */
const ids = (user: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const body = { conversationId: yield* app.newChat(user) }
    return (yield* app.request("POST", "/api/shared-conversations", { token: user.token, body })).at("id")
  })

export const sharedConversations: Readonly<Record<string, Sample>> = {
  createShare: { nullable: ["expiresAt"] },
  shareAgain: { ids, nullable: ["expiresAt"] },
  revokeShare: { ids },
  readShare: { ids, allowedFor: "everyone" },
  readSharePage: { ids, allowedFor: "everyone" },
}
