import { newChannel } from "./PlexiChatChannels"
import { newConversation } from "./PlexiChatMessages"
import type { Sample } from "./Sample"

/** A request that is no handshake, of a user who may open the socket. */
const ownerReceives = 426

export const plexiChatSockets: Readonly<Record<string, Sample>> = {
  v1ConnectToChannel: { ids: newChannel, ownerReceives },
  v1ConnectToConversation: { ids: newConversation, ownerReceives },
  v1ConnectToVoice: { ids: newChannel, ownerReceives },
}
