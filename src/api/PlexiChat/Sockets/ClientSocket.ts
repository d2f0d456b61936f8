import { Deferred, Effect, Exit, FiberId } from "effect"
import type { ScopeId } from "../../../domain/identity/Memberships/Model"
import type { MessagingFeed } from "../../../domain/messaging/MessagingFeed"
import type { Notice, Subscriber } from "../../../domain/messaging/MessagingFeed/Model"
import type { OutboxEntry } from "../../../domain/messaging/Outbox/Model"
import type { Room } from "../../../domain/messaging/VoiceRooms/Model"
import type { Actor, UserId } from "../../../domain/shared/Actor"
import type { WebSocketConnection, WebSocketListener } from "../../../http/WebSockets"
import { type CloseCode, closeCodes } from "./CloseCodes"
import type { SocketKind, SocketTarget } from "./SocketKind"

/** The largest accepted frame, in characters. */
const MAX_FRAME_CHARS = 256 * 1024

/** Bytes that may wait for a slow reader before its socket is closed. */
const MAX_BUFFERED_BYTES = 1024 * 1024

/** Frames of one client that may wait; reading from it pauses at that number. */
const MAX_QUEUED_FRAMES = 64

/** How many entries are read from the outbox at a time for a socket that resumes. */
const REPLAY_PAGE = 200

/** How many new entries may wait until older ones were sent; with more, they are read from the outbox as well. */
const MAX_WAITING_ENTRIES = 500

/** A user who is connected, and until when the token proves it, in milliseconds since 1970. */
export interface SocketIdentity {
  readonly actor: Actor
  readonly expiresAt: number
}

/** What a socket follows from where on: one scope or everything that its user sees. */
export interface Subscription extends SocketTarget {
  readonly identity: SocketIdentity
  /** The position of the feed before the user's permission was checked. */
  readonly position: number
  /** The number after which the client resumes, or that it is too old; undefined until it is known. */
  readonly resume: number | "expired" | undefined
}

/** What all sockets of the server share. Nothing in here waits. */
export interface SocketContext {
  readonly feed: MessagingFeed
  /** Runs an effect in the background. */
  readonly run: (effect: Effect.Effect<void>) => void
  readonly encodeFrame: (frame: ServerFrame) => string
  /** Encodes an entry once for all sockets; undefined if it has no frame. */
  readonly encodeEntry: (entry: OutboxEntry) => string | undefined
  readonly encodeNotice: (notice: Notice, seq: number) => string
  /** Handles a frame of the client. Never fails. */
  readonly handleFrame: (socket: ClientSocket, text: string) => Effect.Effect<void>
  readonly onUnauthenticated: (socket: ClientSocket) => void
  readonly onStarted: (socket: ClientSocket) => void
  /** Called when the client resumes after a number that is too old. */
  readonly onExpired: (socket: ClientSocket) => void
  readonly onHeld: (socket: ClientSocket) => void
  readonly onEntry: (socket: ClientSocket, entry: OutboxEntry) => void
  /** Called when a socket was closed whose client may never read it. */
  readonly onUnresponsive: (socket: ClientSocket) => void
  readonly onClosed: (socket: ClientSocket) => void
}

/** A frame that the server sends. */
export interface ServerFrame {
  readonly type: string
  readonly seq: number
  readonly data: unknown
  /** The id of the client's frame that it answers. */
  readonly id?: string | undefined
}

/**
 * What a socket does with new entries. `held`: they wait, for the client's first frame may be `resume`;
 * `replaying`: they wait, while older ones are read from the outbox; `live`: they are sent as they come.
 */
type State = "connecting" | "authenticating" | "held" | "replaying" | "live" | "closed"

/**
 * The socket of one client. A quiet one is this object, its entry in the feed and Bun's socket: no fiber, no
 * queue, no timer. Its frames are handled one after another.
 */
export class ClientSocket implements WebSocketListener, Subscriber {
  private connection: WebSocketConnection | undefined
  private state: State = "connecting"
  /** The number of the last entry that was sent or is not for this socket. */
  private cursor = 0
  private replays = 0
  /** The number up to which entries have to be read from the outbox: all later ones came while subscribed. */
  private replayTo = 0
  /** The entries that came since, in order; undefined if they were too many. */
  private waiting: Array<OutboxEntry> | undefined = []
  private frames: Array<string> | undefined
  private drained: Deferred.Deferred<void> | undefined
  private unsubscribe: (() => void) | undefined
  private identity: SocketIdentity | undefined
  scopeId: ScopeId | undefined
  /** The voice room that it is for, if any. */
  room: Room | undefined
  /** Frames over the limit so far, and when the last one came, in milliseconds since 1970. */
  rejectedFrames = 0
  lastRejectedAt = 0

  /** `subscription` is undefined until the client has authenticated by its first frame. */
  constructor(
    readonly kind: SocketKind,
    private readonly context: SocketContext,
    private subscription: Subscription | undefined,
  ) {}

  get userId(): UserId {
    return this.actor.userId
  }

  /** The user; only read once the socket has started. */
  get actor(): Actor {
    if (this.identity === undefined) throw new Error("The socket is not authenticated")
    return this.identity.actor
  }

  get expiresAt(): number {
    return this.identity?.expiresAt ?? Number.POSITIVE_INFINITY
  }

  get isAuthenticated(): boolean {
    return this.identity !== undefined
  }

  get isClosed(): boolean {
    return this.state === "closed"
  }

  onOpen(connection: WebSocketConnection): void {
    this.connection = connection
    if (this.subscription !== undefined) this.start(this.subscription)
    else {
      this.state = "authenticating"
      this.context.onUnauthenticated(this)
    }
  }

  onMessage(message: string | Uint8Array): void {
    if (message.length > MAX_FRAME_CHARS) {
      this.close(closeCodes.messageTooBig)
      return
    }
    // A binary frame is no frame of this protocol: it is answered like any other malformed one.
    const frame = typeof message === "string" ? message : ""
    if (this.frames !== undefined) {
      this.frames.push(frame)
      if (this.frames.length >= MAX_QUEUED_FRAMES) this.connection?.pause()
      return
    }
    this.frames = [frame]
    this.context.run(this.handleFrames())
  }

  onDrain(): void {
    if (this.bufferedBytes === 0) this.releaseDrained()
  }

  onClose(): void {
    this.state = "closed"
    this.frames?.splice(0)
    this.unsubscribe?.()
    this.releaseDrained()
    this.context.onClosed(this)
  }

  onEntry(entry: OutboxEntry): void {
    if (this.state === "live") this.deliver(entry)
    else if (this.waiting !== undefined && this.waiting.push(entry) > MAX_WAITING_ENTRIES)
      this.waiting = undefined
  }

  onNotice(notice: Notice): void {
    if (notice.type === "typing" && notice.userId === this.userId) return
    this.send(this.context.encodeNotice(notice, this.cursor))
  }

  /** Follows what the client may see, once it is known who it is. */
  start({ identity, scopeId, room, position, resume }: Subscription): void {
    this.subscription = undefined
    this.identity = identity
    this.scopeId = scopeId
    this.room = room
    this.cursor = typeof resume === "number" ? resume : position
    this.state = "held"
    this.unsubscribe = this.context.feed.subscribe(this)
    this.waitForEntries()
    this.context.onStarted(this)
    if (resume === "expired") this.context.onExpired(this)
    if (resume === undefined) this.context.onHeld(this)
    else this.release()
  }

  /** Renews the proof of who the client is. Returns false for another user. */
  renew(identity: SocketIdentity): boolean {
    if (this.actor.userId !== identity.actor.userId) return false
    this.identity = identity
    return true
  }

  /** Sends what came after the position at which the socket was opened, and goes on from there. */
  release(): void {
    if (this.state !== "held") return
    this.state = "replaying"
    if (!this.goLive()) this.context.run(this.replay(++this.replays))
  }

  /** Sends again everything after a number, in order, and goes on from there. Ends when it has caught up. */
  replayFrom(after: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.state === "closed") return Effect.void
      this.cursor = after
      this.state = "replaying"
      this.waitForEntries()
      return this.replay(++this.replays)
    })
  }

  /** Sends a frame that is for this socket alone. */
  sendFrame({ type }: Pick<ServerFrame, "type">, data: unknown, id?: string): void {
    this.send(this.context.encodeFrame({ type, seq: this.cursor, data, id }))
  }

  close(reason: CloseCode): void {
    if (this.state === "closed") return
    this.state = "closed"
    this.unsubscribe?.()
    this.connection?.close(reason.code)
    if (reason === closeCodes.tooSlow) this.context.onUnresponsive(this)
  }

  /** Ends the connection of a client that does not even read why it was closed. */
  terminate(): void {
    this.connection?.terminate()
  }

  private get bufferedBytes(): number {
    return this.connection?.getBufferedAmount() ?? 0
  }

  private send(frame: string): void {
    if (this.state === "closed" || this.connection === undefined) return
    if (this.connection.send(frame) === 0 || this.bufferedBytes > MAX_BUFFERED_BYTES)
      this.close(closeCodes.tooSlow)
  }

  private deliver(entry: OutboxEntry): void {
    if (entry.seq <= this.cursor) return
    this.cursor = entry.seq
    const frame = this.kind.shows(entry.event) ? this.context.encodeEntry(entry) : undefined
    if (frame !== undefined) this.send(frame)
    this.context.onEntry(this, entry)
  }

  /** Lets the entries wait that come from now on, after the feed's position. Nothing waits in here, so none is missed. */
  private waitForEntries(): void {
    this.replayTo = this.context.feed.currentPosition()
    this.waiting = []
  }

  /** Sends the entries that waited, and goes on with new ones as they come, if all before them were sent. */
  private goLive(): boolean {
    if (this.cursor < this.replayTo) return false
    if (this.waiting === undefined) {
      this.waitForEntries()
      return this.cursor >= this.replayTo && this.goLive()
    }
    const { waiting } = this
    this.waiting = []
    this.state = "live"
    for (const entry of waiting) if (this.state === "live") this.deliver(entry)
    return true
  }

  private replay(replay: number): Effect.Effect<void> {
    return Effect.gen(this, function* () {
      const isCurrent = () => this.state === "replaying" && this.replays === replay
      while (isCurrent() && !this.goLive()) {
        const upTo = this.replayTo
        const entries = yield* this.context.feed.replay(this, { after: this.cursor, upTo }, REPLAY_PAGE)
        for (const entry of entries) {
          if (!isCurrent()) return
          this.deliver(entry)
          // A page can be larger than what may wait for a client, however fast it reads.
          yield* this.awaitDrained()
        }
        if (!isCurrent()) return
        if (entries.length < REPLAY_PAGE) this.cursor = Math.max(this.cursor, upTo)
      }
    }).pipe(
      Effect.catchAllCause((cause) =>
        Effect.zipRight(
          Effect.logWarning("replaying events failed", cause),
          Effect.sync(() => this.close(closeCodes.internalError)),
        ),
      ),
    )
  }

  /** Waits while a client that resumes has not read what was sent so far. */
  private awaitDrained(): Effect.Effect<void> {
    if (this.bufferedBytes === 0 || this.state === "closed") return Effect.void
    this.drained ??= Deferred.unsafeMake(FiberId.none)
    return Deferred.await(this.drained)
  }

  private releaseDrained(): void {
    if (this.drained !== undefined) Deferred.unsafeDone(this.drained, Exit.void)
    this.drained = undefined
  }

  private handleFrames(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const frame = this.frames?.shift()
      if (frame === undefined || this.state === "closed") {
        this.frames = undefined
        return Effect.void
      }
      if (this.frames?.length === MAX_QUEUED_FRAMES / 2) this.connection?.resume()
      return Effect.zipRight(this.context.handleFrame(this, frame), this.handleFrames())
    })
  }
}
