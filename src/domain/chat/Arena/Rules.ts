import type { AssistantId } from "../../assistants/Assistants/Model"
import type { MessageWithMetadata } from "../../conversations/Conversations/Model"
import { InvalidAssistantCount } from "./Errors"
import { type ArenaMessage, type ArenaSession, maxLanes, minLanes } from "./Model"

/** Validates the assistants selected for a prompt: a new session needs 2 to 4, an existing one at least 1. */
export const validateLanes = (
  ids: ReadonlyArray<AssistantId>,
  isNew: boolean,
): InvalidAssistantCount | undefined => {
  const min = isNew ? minLanes : 1
  if (ids.length < min || ids.length > maxLanes) {
    return new InvalidAssistantCount({
      message: `An arena session compares ${minLanes} to ${maxLanes} configs.`,
    })
  }
  if (new Set(ids.map((id) => id.toLowerCase())).size < ids.length) {
    return new InvalidAssistantCount({ message: "The configs of an arena session must all be different." })
  }
  return undefined
}

const laneOf = ({ lanes }: ArenaSession, { conversationId }: MessageWithMetadata) =>
  lanes.findIndex((lane) => lane.conversationId === conversationId)

/** Converts a lane's message to a message of its session. */
export const toArenaMessage = (session: ArenaSession, message: MessageWithMetadata): ArenaMessage => {
  const { id, role, content, metadata, createdAt } = message
  const assistantId = role === "user" ? null : (session.lanes[laneOf(session, message)]?.assistantId ?? null)
  return { id, sessionId: session.id, role, content, metadata, createdAt, assistantId }
}

/**
 * Merges the messages of all lanes, ordered by time and then by lane. A prompt has the same time in all
 * its lanes; only the first lane's copy is included.
 */
export const mergeTranscripts = (
  session: ArenaSession,
  messages: ReadonlyArray<MessageWithMetadata>,
): ReadonlyArray<ArenaMessage> => {
  const seenPromptTimes = new Set<number>()
  return messages
    .toSorted(
      (a, b) => a.createdAt.getTime() - b.createdAt.getTime() || laneOf(session, a) - laneOf(session, b),
    )
    .flatMap((message) => {
      const time = message.createdAt.getTime()
      if (message.role === "user" && seenPromptTimes.has(time)) return []
      if (message.role === "user") seenPromptTimes.add(time)
      return [toArenaMessage(session, message)]
    })
}
