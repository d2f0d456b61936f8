import { Effect } from "effect"
import { App, type TestUser } from "../../../support/App"
import type { Sample } from "./Sample"

const newChannel = ({ token }: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const body = { name: "general", is_private: true }
    return (yield* app.request("POST", "/v1/channels", { token, body })).at("data.id")
  })

export const plexiChatSockets: Readonly<Record<string, Sample>> = {
  v1ConnectToChannel: { ids: newChannel },
  v1ConnectToConversation: { ids: newChannel },
  v1ConnectToVoice: { ids: newChannel },
}
