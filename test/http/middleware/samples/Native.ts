import { Effect } from "effect"
import { App, type TestUser } from "../../../support/App"
import type { Sample } from "./Sample"

const ids = (person: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const answer = yield* app.sendPrompt(person, yield* app.newChat(person), "hi")
    return answer.headers.get("x-generation-id") ?? ""
  })

export const native: Readonly<Record<string, Sample>> = {
  readGeneration: { ids },
  stopGeneration: { ids },
}
