import { Schema } from "effect"
import { ScopeId } from "../../../domain/identity/Memberships/Model"
import type { Notice } from "../../../domain/messaging/MessagingFeed/Model"
import { UserId } from "../../../domain/shared/Actor"
import { example } from "../../../http/Example"
import { renamed } from "../../../http/Fields"
import { PresenceBody } from "../PresenceBody"
import { serverFrame } from "./ServerFrames"

const TypingData = Schema.Struct({
  scopeId: renamed("channel_id", ScopeId).annotations({ description: "The channel or conversation" }),
  userId: renamed("user_id", UserId).annotations({ description: "Who is writing" }),
}).annotations(
  example({
    channel_id: "019bc0f1-2d10-7c3a-9d52-1a2b3c4d5e01",
    user_id: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
  }),
)

const PresenceData = Schema.Struct({
  userId: renamed("user_id", UserId).annotations({ description: "Whose presence it is" }),
  ...PresenceBody.fields,
}).annotations(
  example({
    user_id: "019bc0f1-2b40-7c3a-9d52-6f1e8a7b4c01",
    status: "away",
    status_text: "At lunch",
    last_seen_at: "2026-01-15T09:30:00.000Z",
  }),
)

/** The frame of every notice. */
export const noticeFrames = {
  typing: serverFrame("typing", "Another user is writing.", TypingData),
  presence: serverFrame(
    "presence",
    "The presence of someone changed who shares a channel, an organization or a conversation with the user.",
    PresenceData,
  ),
} as const satisfies Readonly<Record<Notice["type"], object>>

const encodeTyping = Schema.encodeSync(noticeFrames.typing.data)
const encodePresence = Schema.encodeSync(noticeFrames.presence.data)

/** Returns the type and the data of a notice's frame. */
export const noticeFrame = (notice: Notice) => ({
  type: notice.type,
  data: notice.type === "typing" ? encodeTyping(notice) : encodePresence(notice),
})
