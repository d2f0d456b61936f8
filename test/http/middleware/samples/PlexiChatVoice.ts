import { Effect } from "effect"
import { App, type TestUser } from "../../../support/App"
import { newChannel } from "./PlexiChatChannels"
import type { Sample } from "./Sample"

const newCall = (owner: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const body = { channel_id: yield* newChannel(owner) }
    return (yield* app.request("POST", "/v1/calls", { token: owner.token, body })).at("data.id")
  })

export const plexiChatVoice: Readonly<Record<string, Sample>> = {
  v1JoinVoice: { ids: newChannel },
  v1LeaveVoice: { ids: newChannel },
  v1ListVoiceParticipants: { ids: newChannel },
  v1GetCall: { ids: newCall },
  v1JoinCall: { ids: newCall },
  v1LeaveCall: { ids: newCall },
}
