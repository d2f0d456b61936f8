import { Schema } from "effect"
import { SettableStatus, StatusText, UserPresence } from "../../domain/messaging/Presence/Model"
import { example } from "../../http/Example"
import { Fields, optionalRenamed, renamed } from "../../http/Fields"

const presenceExample = {
  status: "away",
  status_text: "At lunch",
  last_seen_at: "2026-01-15T09:30:00.000Z",
}

/** Whether a user is there. */
export const PresenceBody = Schema.Struct({
  status: UserPresence.fields.status,
  statusText: renamed("status_text", Schema.NullOr(Schema.String)).annotations({
    description: "What the user is doing; null while the user is offline",
  }),
  lastSeenAt: renamed("last_seen_at", Schema.NullOr(Schema.Date)).annotations({
    description: "Now, or when the user was last seen; null for never",
  }),
}).annotations({ identifier: "PlexiChatPresence", ...example(presenceExample) })

/** What is changed of that. */
export const PresenceChangeBody = Fields({
  status: optionalRenamed("status", SettableStatus).annotations({
    description: "`invisible`, or `offline`, appears as offline to everyone",
  }),
  statusText: optionalRenamed("status_text", StatusText).annotations({
    description: "One line of at most 140 characters; null or empty removes it",
  }),
}).annotations(example({ status: "away", status_text: "At lunch" }))
