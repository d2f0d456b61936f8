import type { Sample } from "./Sample"

export const plexiChatAdmin: Readonly<Record<string, Sample>> = {
  v1GetSettings: { allowedFor: "admin" },
  v1UpdateSettings: {
    allowedFor: "admin",
    body: { registration_open: true, motd: "Welcome" },
    nullable: ["registration_open", "default_model", "tokens_limit", "max_file_bytes", "motd"],
  },
  v1ListAuditLogs: { allowedFor: "admin", query: "?action=ban_user" },
  v1AdminStats: { allowedFor: "admin" },
  v1AdminHealth: { allowedFor: "admin" },
}
