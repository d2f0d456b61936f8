import { Effect } from "effect"
import type { Sample } from "./Sample"

export const chatGptClone: Readonly<Record<string, Sample>> = {
  getAgent: { ids: () => Effect.succeed("00000000-0000-7000-8000-000000000004"), allowedFor: "everyone" },
  submitFeedback: { allowedFor: "everyone" },
  listFeedback: { allowedFor: "admin" },
}
