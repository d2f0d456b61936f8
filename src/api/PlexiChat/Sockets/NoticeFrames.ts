import { Schema } from "effect"
import { ScopeId } from "../../../domain/identity/Memberships/Model"
import type { Notice } from "../../../domain/messaging/MessagingFeed/Model"
import { UserId } from "../../../domain/shared/Actor"
import { example } from "../../../http/Example"
import { renamed } from "../../../http/Fields"
import { PresenceBody } from "../PresenceBody"

/** The data of the frame `typing`. */
const Typing = Schema.Struct({
  scopeId: renamed("channel_id", ScopeId),
  userId: renamed("user_id", UserId),
}).annotations(
  example({
    channel_id: "019bc0f1-2d10-7c3a-9d52-1a2b3c4d5e01",
    user_id: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
  }),
)

const encodeTyping = Schema.encodeSync(Typing)

/** The data of the frame `presence`. */
const PresenceData = Schema.Struct({
  userId: renamed("user_id", UserId),
  ...PresenceBody.fields,
}).annotations(
  example({
    user_id: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
    status: "away",
    status_text: "At lunch",
    last_seen_at: "2026-01-15T09:30:00.000Z",
  }),
)

const encodePresence = Schema.encodeSync(PresenceData)

/** Returns the name and the data of a notice's frame. */
export const noticeFrame = (notice: Notice) => ({
  type: notice.type,
  data: notice.type === "typing" ? encodeTyping(notice) : encodePresence(notice),
})
