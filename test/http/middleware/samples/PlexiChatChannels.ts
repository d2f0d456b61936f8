import { Effect } from "effect"
import { App, type TestUser } from "../../../support/App"
import type { Sample } from "./Sample"

/** Creates a private channel. */
export const newChannel = ({ token }: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const body = { name: "general", is_private: true }
    return (yield* app.request("POST", "/v1/channels", { token, body })).at("data.id")
  })

const newMember = (owner: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const channel = yield* newChannel(owner)
    const { id } = yield* app.newUser()
    const path = `/v1/channels/${channel}/members`
    yield* app.request("POST", path, { token: owner.token, body: { user_id: id } })
    return [channel, id]
  })

export const plexiChatChannels: Readonly<Record<string, Sample>> = {
  v1CreateChannel: { nullable: ["description", "organization_id"] },
  v1GetChannel: { ids: newChannel },
  v1UpdateChannel: { nullable: ["description"], ids: newChannel },
  v1DeleteChannel: { ids: newChannel },
  v1ListChannelMembers: { ids: newChannel },
  // The documented example names a user who does not exist.
  v1AddChannelMember: { ids: newChannel, ownerReceives: 404 },
  v1RemoveChannelMember: { ids: newMember },
  v1GetChannelPermissions: { ids: newChannel },
  v1UpdateChannelPermissions: { ids: newChannel },
}
