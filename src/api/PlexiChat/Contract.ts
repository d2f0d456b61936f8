import { defineContract } from "../../http/Contract"
import { rateLimits } from "../../http/RateLimitPolicy"
import { settings } from "./Admin/Settings"
import { administration } from "./Admin/System"
import { apiKeys } from "./ApiKeys"
import { auth } from "./Auth/Handlers"
import { channels } from "./Channels/Handlers"
import { directMessages } from "./DirectMessages"
import { errorBody } from "./Envelope"
import { files } from "./Files/Handlers"
import { messages } from "./Messages/Handlers"
import { organizations } from "./Organizations/Handlers"
import { presence } from "./Presence"
import { webSockets } from "./Sockets/Frames"
import { sockets } from "./Sockets/Handlers"
import { twoFactor } from "./TwoFactor/Handlers"
import { users } from "./Users/Handlers"
import { voice } from "./Voice/Handlers"

/** The PlexiChat contract: team messaging over REST and WebSocket. */
export const PlexiChat = defineContract({
  name: "PlexiChat",
  title: "Parley: PlexiChat",
  description:
    "Accounts, presence, organizations, channels, direct messages, files, calls and administration under /v1. Responses are `{success, data, meta}` with snake_case fields.",
  errorBody,
  rateLimits: rateLimits.hourly,
  resources: [
    administration,
    apiKeys,
    auth,
    channels,
    directMessages,
    messages,
    files,
    organizations,
    presence,
    settings,
    twoFactor,
    users,
    sockets,
    voice,
  ],
  webSockets,
})
