import { Effect } from "effect"
import type { Sample } from "./Sample"

export const models: Readonly<Record<string, Sample>> = {
  getModel: { ids: () => Effect.succeed("openai/scripted"), allowedFor: "everyone" },
}
