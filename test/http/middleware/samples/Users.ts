import type { Sample } from "./Sample"

export const users: Readonly<Record<string, Sample>> = {
  updateOwnProfile: {
    body: {
      display_name: "John Smith",
      bio: "Full-stack developer",
      avatar_url: null,
    },
  },
  updateSettings: { body: { theme: "dark", notifications_enabled: true, language: "en" } },
}
