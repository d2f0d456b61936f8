import { Schema } from "effect"
import { UserId } from "../../shared/Actor"
import { RoomId } from "../VoiceRooms/Model"

/** The largest signal, in characters of JSON; an offer has a few thousand for each medium. */
export const MAX_SIGNAL_CHARS = 64 * 1024

/** What one participant sends another, so that they can connect to each other. */
export const Signal = Schema.Struct({
  roomId: RoomId,
  from: UserId,
  to: UserId,
  type: Schema.Literal("offer", "answer", "ice-candidate", "mute"),
  /** The sender's fields of a signal of this type. */
  data: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
})
export type Signal = typeof Signal.Type

/** A socket of a user for a room. `onSignal` must not throw, and not wait. */
export interface VoiceConnection {
  readonly roomId: RoomId
  readonly userId: UserId
  readonly onSignal: (signal: Signal) => void
}
