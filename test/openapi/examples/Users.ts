import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import type { Recorder } from "../Recorder"
import { join } from "./Named"

/** Profile and settings: somebody looks at theirs, changes them, and is deleted. */
export const tellUsers = Effect.fn(function* ({ recordRequest: ask, recordWithAuth: secured }: Recorder) {
  const sql = yield* SqlClient.SqlClient
  const { id, token } = yield* join("John Doe", "john.doe@example.com")

  const body = {
    display_name: "John Smith",
    bio: "Full-stack developer",
    avatar_url: "https://example.com/john.png",
  }
  const settings = { theme: "dark", notifications_enabled: true, language: "en" }
  yield* secured("UniChat.getProfile", "profile", "Whoever asks", { token })
  yield* ask("UniChat.updateOwnProfile", "VALIDATION_ERROR", "A picture that is not on the web", {
    token,
    body: { avatar_url: "file:///john.png" },
  })
  yield* secured("UniChat.updateOwnProfile", "changed", "All of it", { token, body })
  yield* ask("UniChat.updateSettings", "VALIDATION_ERROR", "A theme that is none", {
    token,
    body: { theme: "pink" },
  })
  yield* secured("UniChat.updateSettings", "changed", "All of them", { token, body: settings })

  yield* sql`delete from users where id = ${id}`
  const summary = "The account was deleted a moment ago"
  yield* ask("UniChat.getProfile", "USER_NOT_FOUND", summary, { token })
  yield* ask("UniChat.updateOwnProfile", "USER_NOT_FOUND", summary, { token, body })
  yield* ask("UniChat.updateSettings", "USER_NOT_FOUND", summary, { token, body: settings })
})
