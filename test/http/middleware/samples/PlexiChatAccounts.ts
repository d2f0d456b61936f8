import { Effect } from "effect"
import { App, type TestUser } from "../../../support/App"
import type { Sample } from "./Sample"

const self = ({ id }: TestUser) => Effect.succeed(id)

/** Creates another user to act on, since later operations need the owner unchanged. */
const other = () => Effect.flatMap(App, (app) => Effect.map(app.newUser(), ({ id }) => id))

export const plexiChatAccounts: Readonly<Record<string, Sample>> = {
  v1Login: { body: { email: "sample@example.com", username: "sample", password: "SecurePass123!" } },
  v1UpdateMe: { nullable: ["avatar_url"] },
  v1GetUser: { ids: self, allowedFor: "everyone" },
  v1UpdateUser: { ids: other, nullable: ["avatar_url"], allowedFor: "admin" },
  v1DeleteUser: { ids: other, allowedFor: "admin" },
  v1GetUserProfile: { ids: self, allowedFor: "everyone" },
  v1UpdateUserProfile: { ids: other, nullable: ["avatar_url"], allowedFor: "admin" },
  v1GetPresence: { ids: self, allowedFor: "everyone" },
  v1SetPresence: { ids: other, nullable: ["status_text"], allowedFor: "admin" },
  v1ListAccounts: { allowedFor: "admin" },
  v1SetUserStatus: { ids: other, nullable: ["until"], allowedFor: "admin" },
}
