import { Cause, Clock, Effect, Option, ParseResult, Schema } from "effect"
import { Channels } from "../../../domain/messaging/Channels"
import { ChannelId } from "../../../domain/messaging/Channels/Model"
import { MessagingFeed } from "../../../domain/messaging/MessagingFeed"
import { Posts } from "../../../domain/messaging/Posts"
import { Presence } from "../../../domain/messaging/Presence"
import { VoiceSignaling } from "../../../domain/messaging/VoiceSignaling"
import type { UserId } from "../../../domain/shared/Actor"
import { causeToHttpError } from "../../../http/causeToHttpError"
import { toFieldIssues } from "../../../http/Fields"
import { HttpError, invalid, unauthenticated } from "../../../http/HttpError"
import { rejectScope } from "../../../http/middleware/Authentication"
import { makeActorLimits } from "../../../http/middleware/RateLimits"
import { rateLimits } from "../../../http/RateLimitPolicy"
import { errorBody } from "../Envelope"
import { errors } from "../Errors"
import { ClientFrame, type ClientFrameDefinition, clientFrames } from "./ClientFrames"
import type { ClientSocket } from "./ClientSocket"
import { closeCodes } from "./CloseCodes"
import { ack, errorFrame } from "./ServerFrames"
import type { SocketAuthentication } from "./SocketAuthentication"
import { signalFrames } from "./VoiceFrames"

/** Domain errors that handling a frame can fail with. */
const FrameError = Schema.Union(
  errors.ChannelNotFound,
  errors.ClientIdTaken,
  errors.FileNotFound,
  errors.NotParticipating,
  errors.NotPermitted,
  errors.PostNotFound,
  errors.ResumeExpired,
  errors.SignalTooLarge,
)
type FrameError = typeof FrameError.Type

type Failure = FrameError | HttpError | ParseResult.ParseError

/** Frames over the limit after which a socket is closed, and how long they count, in milliseconds. */
const MAX_REJECTED_FRAMES = 3
const REJECTION_WINDOW = 60_000

const malformedFrame = new HttpError({
  status: 400,
  code: "INVALID_FRAME",
  message: "A frame is a text with a JSON object that has a `type`.",
})

const unknownFrame = (type: string) =>
  new HttpError({ status: 400, code: "UNKNOWN_FRAME", message: `There is no frame of type ${type}.` })

const missing = (field: string) => invalid([{ field, message: "is required" }])

const otherUser = new HttpError({
  status: 400,
  code: "OTHER_USER",
  message: "The token is another user's. Open another socket.",
})

type FrameType = keyof typeof clientFrames | keyof typeof signalFrames

/** Handles a frame of an authenticated client: decodes its fields, and returns the data of the reply. */
interface FrameHandler {
  readonly handle: (socket: ClientSocket, fields: unknown) => Effect.Effect<unknown, Failure>
  readonly reply: { readonly type: string }
}

const on = <A, I, B, J>(
  { data, reply }: ClientFrameDefinition<A, I, B, J>,
  handle: (socket: ClientSocket, data: A) => Effect.Effect<B, Failure>,
): FrameHandler => {
  const decode = Schema.decodeUnknown(data, { errors: "all" })
  const encode = Schema.encode(reply.data)
  return {
    handle: (socket, fields) =>
      Effect.flatMap(decode(fields), (data) =>
        Effect.flatMap(handle(socket, data), (result) => Effect.orDie(encode(result))),
      ),
    reply,
  }
}

/** Requires that an API key may write. */
const requireWrite = ({ actor }: ClientSocket) => rejectScope(actor, "write") ?? Effect.void

/** Returns the channel that a frame is about: by default that of its socket. */
const channelOf = ({ scopeId }: ClientSocket, channelId: ChannelId | undefined) => {
  const id = channelId ?? scopeId
  return id === undefined ? missing("channel_id") : Effect.succeed(ChannelId.make(id))
}

/** A frame of a client, whose data is not decoded yet. */
interface Frame {
  readonly type: string
  readonly id?: string
  readonly fields: unknown
}

const decodeFrame = Schema.decodeUnknownOption(ClientFrame)

/** Reads a frame. Returns undefined if it is none. */
const readFrame = (text: string): Frame | undefined => {
  try {
    const json: unknown = JSON.parse(text)
    return Option.getOrUndefined(
      Option.map(decodeFrame(json), ({ data = json, ...frame }) => ({ ...frame, fields: data })),
    )
  } catch {
    return undefined
  }
}

const toHttpError = (cause: Cause.Cause<unknown>) => {
  const defect = Cause.squash(cause)
  return defect instanceof HttpError ? Effect.succeed(defect) : causeToHttpError(cause)
}

/** Returns the data of an `error` frame. Defects are logged and not shown. */
const toErrorData = (cause: Cause.Cause<Failure>) =>
  Effect.gen(function* () {
    const failure = Option.getOrUndefined(Cause.failureOption(cause))
    if (failure !== undefined && !(failure instanceof HttpError) && !ParseResult.isParseError(failure))
      return (yield* Effect.orDie(Schema.encode(FrameError)(failure))).error
    const error = ParseResult.isParseError(failure)
      ? invalid(toFieldIssues(ParseResult.ArrayFormatter.formatErrorSync(failure)))
      : (failure ?? (yield* toHttpError(cause)))
    const retryAfter = error.headers?.["retry-after"]
    return {
      ...errorBody.make(error, "", new Date()).error,
      ...(retryAfter === undefined ? {} : { retry_after: Number(retryAfter) }),
    }
  })

/**
 * Makes the function that handles a client's frame. Whatever fails is answered with `error`, and the socket stays
 * open; except that a client must authenticate first, and may not go on sending more than its limit.
 */
export const makeHandleFrame = (authentication: SocketAuthentication) =>
  Effect.gen(function* () {
    const consume = yield* makeActorLimits
    const feed = yield* MessagingFeed
    const channels = yield* Channels
    const posts = yield* Posts
    const presence = yield* Presence
    const signaling = yield* VoiceSignaling

    /** Makes the handler of a signal. Other sockets than those of voice know no such frame. */
    const onSignal = <A extends { readonly to: UserId }, I>(
      type: keyof typeof signalFrames,
      frame: ClientFrameDefinition<A, I, object, object>,
    ) =>
      on(
        frame,
        Effect.fnUntraced(function* (socket, { to, ...data }) {
          yield* requireWrite(socket)
          const { actor, room } = socket
          if (room === undefined) return yield* unknownFrame(type)
          yield* signaling.send(actor, room, { to, type, data })
          return {}
        }),
      )

    const handlers: Readonly<Record<FrameType, FrameHandler>> = {
      auth: on(
        clientFrames.auth,
        Effect.fnUntraced(function* (socket, { token }) {
          const identity = yield* Effect.mapError(authentication.byToken(token), () => unauthenticated)
          return socket.renew(identity) ? {} : yield* otherUser
        }),
      ),
      ping: on(clientFrames.ping, () => Effect.succeed({})),
      resume: on(
        clientFrames.resume,
        Effect.fnUntraced(function* (socket, { after }) {
          yield* feed.requireStored(after)
          yield* socket.replayFrom(after)
          return {}
        }),
      ),
      "message.send": on(
        clientFrames["message.send"],
        Effect.fnUntraced(function* (socket, { channelId, threadId, ...message }) {
          yield* requireWrite(socket)
          const { actor } = socket
          const { post } = yield* threadId === undefined
            ? posts.send(actor, yield* channelOf(socket, channelId), message)
            : posts.reply(actor, threadId, message)
          return { message: post }
        }),
      ),
      "presence.set": on(
        clientFrames["presence.set"],
        Effect.fnUntraced(function* (socket, change) {
          yield* requireWrite(socket)
          yield* Effect.orDie(presence.set(socket.actor, socket.userId, change))
          return {}
        }),
      ),
      typing: on(
        clientFrames.typing,
        Effect.fnUntraced(function* (socket, data) {
          yield* requireWrite(socket)
          const channelId = yield* channelOf(socket, data.channelId)
          const { id: scopeId } = yield* channels.authorize(socket.actor, channelId, "send_messages")
          yield* feed.notify({ scopeId }, { type: "typing", scopeId, userId: socket.userId })
          return {}
        }),
      ),
      offer: onSignal("offer", signalFrames.offer),
      answer: onSignal("answer", signalFrames.answer),
      "ice-candidate": onSignal("ice-candidate", signalFrames["ice-candidate"]),
      mute: onSignal("mute", signalFrames.mute),
    }

    const isKnown = (type: string): type is FrameType => Object.hasOwn(handlers, type)

    /** Counts a frame over the limit. The third within a minute closes the socket. */
    const onRejected = (socket: ClientSocket) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        if (now - socket.lastRejectedAt > REJECTION_WINDOW) socket.rejectedFrames = 0
        socket.lastRejectedAt = now
        if (++socket.rejectedFrames >= MAX_REJECTED_FRAMES) socket.close(closeCodes.policyViolation)
      })

    const sendError = (socket: ClientSocket, id: string | undefined) => (cause: Cause.Cause<Failure>) =>
      Effect.map(toErrorData(cause), (data) => socket.sendFrame(errorFrame, data, id))

    /** Authenticates by the first frame. On failure the client learns why, and is disconnected. */
    const authenticate = Effect.fnUntraced(
      function* (socket: ClientSocket, frame: Frame | undefined) {
        if (frame?.type !== "auth") return yield* unauthenticated
        const { token, after } = yield* Schema.decodeUnknown(clientFrames.auth.data)(frame.fields)
        const identity = yield* Effect.mapError(authentication.byToken(token), () => unauthenticated)
        socket.start(yield* authentication.authorize(socket.kind, identity, after))
      },
      (effect, socket, frame) =>
        Effect.catchAllCause(effect, (cause) => {
          const failure = Cause.squash(cause)
          const code = failure instanceof HttpError ? closeCodes.unauthenticated : closeCodes.notFound
          return Effect.zipRight(
            sendError(socket, frame?.id)(cause),
            Effect.sync(() => socket.close(code)),
          )
        }),
    )

    const handle = Effect.fnUntraced(function* (socket: ClientSocket, frame: Frame | undefined) {
      const { rejection } = yield* consume(rateLimits.socket, socket.actor)
      if (rejection !== undefined) {
        yield* sendError(socket, frame?.id)(Cause.fail(rejection))
        return yield* onRejected(socket)
      }
      if (frame?.type !== "resume") socket.release()
      if (frame === undefined) return yield* malformedFrame
      if (!isKnown(frame.type)) return yield* unknownFrame(frame.type)
      const { handle, reply } = handlers[frame.type]
      const data = yield* handle(socket, frame.fields)
      if (reply !== ack || frame.id !== undefined) socket.sendFrame(reply, data, frame.id)
    })

    return (socket: ClientSocket, text: string): Effect.Effect<void> => {
      const frame = readFrame(text)
      return socket.isAuthenticated
        ? Effect.catchAllCause(handle(socket, frame), sendError(socket, frame?.id))
        : authenticate(socket, frame)
    }
  })
