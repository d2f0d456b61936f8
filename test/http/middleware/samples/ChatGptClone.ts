import type { Sample } from "./Sample"

export const chatGptClone: Readonly<Record<string, Sample>> = {
  submitFeedback: { allowedFor: "everyone" },
  listFeedback: { allowedFor: "admin" },
}
