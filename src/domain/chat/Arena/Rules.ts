import type { AssistantId } from "../../assistants/Assistants/Model"
import type { MessageDetails } from "../../conversations/Conversations/Model"
import { WrongLanes } from "./Errors"
import { type ArenaMessage, type ArenaSession, fewestLanes, mostLanes } from "./Model"

/** What is wrong with these assistants for a prompt, if anything is; a new session takes 2 to 4. */
export const refuseLanes = (ids: ReadonlyArray<AssistantId>, isNew: boolean): WrongLanes | undefined => {
  const fewest = isNew ? fewestLanes : 1
  if (ids.length < fewest || ids.length > mostLanes) {
    return new WrongLanes({ message: `An arena session compares ${fewestLanes} to ${mostLanes} configs.` })
  }
  if (new Set(ids.map((id) => id.toLowerCase())).size < ids.length) {
    return new WrongLanes({ message: "The configs of an arena session must all be different." })
  }
  return undefined
}

const laneOf = ({ lanes }: ArenaSession, { conversationId }: MessageDetails) =>
  lanes.findIndex((lane) => lane.conversationId === conversationId)

/** A lane's message as one of its session. */
export const toArenaMessage = (session: ArenaSession, message: MessageDetails): ArenaMessage => {
  const { id, role, content, metadata, createdAt } = message
  const assistantId = role === "user" ? null : (session.lanes[laneOf(session, message)]?.assistantId ?? null)
  return { id, sessionId: session.id, role, content, metadata, createdAt, assistantId }
}

/**
 * What was said in all lanes, as one: by time, and by lane where that is the same. A prompt went to
 * its lanes at one and the same time; the first lane's stands for all.
 */
export const merged = (
  session: ArenaSession,
  said: ReadonlyArray<MessageDetails>,
): ReadonlyArray<ArenaMessage> => {
  const prompted = new Set<number>()
  return said
    .toSorted(
      (a, b) => a.createdAt.getTime() - b.createdAt.getTime() || laneOf(session, a) - laneOf(session, b),
    )
    .flatMap((message) => {
      const time = message.createdAt.getTime()
      if (message.role === "user" && prompted.has(time)) return []
      if (message.role === "user") prompted.add(time)
      return [toArenaMessage(session, message)]
    })
}
