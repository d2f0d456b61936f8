import type { Sample } from "./Sample"

export const users: Readonly<Record<string, Sample>> = {
  updateOwnProfile: { nullable: ["avatar_url"] },
}
