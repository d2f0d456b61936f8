import { Clock, Duration, Effect, FiberSet } from "effect"
import { Sessions } from "../../../domain/identity/Sessions"
import { MessagingFeed } from "../../../domain/messaging/MessagingFeed"
import { ResumeExpired } from "../../../domain/messaging/MessagingFeed/Errors"
import type { Notice } from "../../../domain/messaging/MessagingFeed/Model"
import type { OutboxEntry } from "../../../domain/messaging/Outbox/Model"
import { Presence } from "../../../domain/messaging/Presence"
import { repeatEvery } from "../../../domain/shared/repeatEvery"
import { withEmptyContext } from "../../../domain/shared/withEmptyContext"
import { disconnectRevoked } from "../../../http/middleware/SessionRevocation"
import type { ClientSocket, ServerFrame, SocketContext } from "./ClientSocket"
import { closeCodes } from "./CloseCodes"
import { toFrame } from "./EventFrames"
import { makeHandleFrame } from "./FrameHandlers"
import { noticeFrame } from "./NoticeFrames"
import { errorFrame, ready } from "./ServerFrames"
import { makeSocketAuthentication } from "./SocketAuthentication"
import { makeVoiceSockets } from "./VoiceSockets"

/** How long a client may take to authenticate by its first frame. */
const AUTHENTICATION_TIMEOUT = Duration.seconds(5)

/** How long new events wait for a client that may want to resume. */
const RESUME_WINDOW = Duration.seconds(1)

/** How long a client that reads too slowly has to read why it was closed. */
const CLOSE_TIMEOUT = Duration.seconds(10)

const EXPIRY_INTERVAL = Duration.seconds(1)

const encode = ({ type, id, seq, data }: ServerFrame, time: Date): string =>
  JSON.stringify({ type, ...(id === undefined ? {} : { id }), seq, timestamp: time.toISOString(), data })

/** Makes what the sockets of this process share: the feed they follow, and how their frames are written and handled. */
export const makeSocketServer = Effect.gen(function* () {
  const feed = yield* MessagingFeed
  const sessions = yield* Sessions
  const authentication = yield* makeSocketAuthentication
  const handleFrame = yield* makeHandleFrame(authentication)
  const runFork = yield* FiberSet.makeRuntime<never>()
  const run = (effect: Effect.Effect<void>) => void runFork(withEmptyContext(effect))
  const presence = yield* Presence
  /** The open sockets, each with how to end what it counts for its user's presence. */
  const sockets = new Map<ClientSocket, () => void>()
  const voice = yield* makeVoiceSockets(run)

  /** Runs something later, unless the server stops before. */
  const later = (delay: Duration.Duration, action: () => void) =>
    run(Effect.delay(Effect.sync(action), delay))

  const encodedEntries = new WeakMap<OutboxEntry, string>()
  const encodedNotices = new WeakMap<Notice, { readonly seq: number; readonly frame: string }>()

  const context: SocketContext = {
    feed,
    run,
    handleFrame,
    encodeFrame: (frame) => encode(frame, new Date()),
    encodeEntry: (entry) => {
      const encoded = encodedEntries.get(entry)
      if (encoded !== undefined) return encoded
      const frame = encode({ ...toFrame(entry.event), seq: entry.seq }, entry.createdAt)
      encodedEntries.set(entry, frame)
      return frame
    },
    // Sockets that are up to date have the same number, so that nearly all of them share one text.
    encodeNotice: (notice, seq) => {
      const encoded = encodedNotices.get(notice)
      if (encoded?.seq === seq) return encoded.frame
      const frame = encode({ ...noticeFrame(notice), seq }, new Date())
      encodedNotices.set(notice, { seq, frame })
      return frame
    },
    onUnauthenticated: (socket) =>
      later(AUTHENTICATION_TIMEOUT, () => {
        if (!socket.isAuthenticated) socket.close(closeCodes.unauthenticated)
      }),
    onStarted: (socket) => {
      sockets.set(socket, presence.connect(socket.userId))
      // A revocation between the check of the token and this moment did not reach this socket.
      run(
        Effect.map(sessions.isActive(socket.actor), (active) => {
          if (!active) socket.close(closeCodes.unauthenticated)
        }),
      )
      const { scopeId, room } = socket
      const channel = scopeId === undefined ? {} : { channel_id: scopeId }
      const call = room === undefined ? {} : { call_id: room.callId }
      socket.sendFrame(ready, { user_id: socket.userId, ...channel, ...call })
      if (room !== undefined) voice.onStarted(socket, room)
    },
    onExpired: (socket) =>
      socket.sendFrame(errorFrame, { code: "RESUME_EXPIRED", message: new ResumeExpired().message }),
    onHeld: (socket) => later(RESUME_WINDOW, () => socket.release()),
    onEntry: (socket, { event }) => {
      const { scopeId } = socket
      if (scopeId === undefined) return
      if (
        (event.type === "call_ended" || event.type === "call_missed") &&
        socket.room?.callId === event.call.id
      )
        socket.close(closeCodes.normal)
      if (event.type === "channel_deleted" && event.channelId === scopeId) socket.close(closeCodes.notFound)
      if (
        event.type === "channel_updated" ||
        (event.type === "member_removed" && event.userId === socket.userId)
      )
        run(recheck(socket))
    },
    onUnresponsive: (socket) => later(CLOSE_TIMEOUT, () => socket.terminate()),
    onClosed: (socket) => {
      sockets.get(socket)?.()
      sockets.delete(socket)
      voice.onClosed(socket)
    },
  }

  /** Closes a socket whose user may not read its channel any more. */
  const recheck = (socket: ClientSocket) =>
    Effect.catchAllCause(Effect.asVoid(socket.kind.authorize(socket.actor)), (cause) =>
      Effect.sync(() => {
        if (cause._tag === "Fail") voice.onRejected(socket)
        socket.close(cause._tag === "Fail" ? closeCodes.notFound : closeCodes.internalError)
      }),
    )

  yield* disconnectRevoked(() =>
    [...sockets.keys()].map((socket) => ({
      actor: socket.actor,
      close: () => socket.close(closeCodes.unauthenticated),
    })),
  )
  yield* repeatEvery(
    EXPIRY_INTERVAL,
    Effect.map(Clock.currentTimeMillis, (now) => {
      for (const socket of sockets.keys())
        if (socket.expiresAt <= now) socket.close(closeCodes.unauthenticated)
    }),
  )

  return { context, authentication }
})
