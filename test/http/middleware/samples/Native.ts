import { Effect } from "effect"
import { App, type TestUser } from "../../../support/App"
import { newChannel } from "./PlexiChatChannels"
import type { Sample } from "./Sample"

const ids = (user: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const response = yield* app.sendPrompt(user, yield* app.newChat(user), "hi")
    return response.headers.get("x-generation-id") ?? ""
  })

export const native: Readonly<Record<string, Sample>> = {
  readGeneration: { ids },
  stopGeneration: { ids },
  getReadMarker: { ids: newChannel },
  // The documented example names a message that does not exist.
  setReadMarker: { ids: newChannel, ownerReceives: 404 },
}
