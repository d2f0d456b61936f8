import { Effect } from "effect"
import { io, type Socket } from "socket.io-client"
import { App } from "../../support/App"
import { Provider } from "../../support/ScriptedProvider"
import { newConfigs } from "./arenaFixtures"

/** An event that a client received, with its payload. */
type ReceivedEvent = readonly [event: string, payload: Record<string, unknown>]

const eventNamesOf = (events: ReadonlyArray<ReceivedEvent>) => {
  const names = events.map(([name]) => name).filter((name) => name !== "authenticated" && name !== "change")
  return names.filter((name, at) => !name.endsWith("message_chunk") || names[at - 1] !== name)
}

const payloadsOf = (events: ReadonlyArray<ReceivedEvent>, event: string) =>
  events.filter(([name]) => name === event).map(([, payload]) => payload)

class SocketClient {
  readonly received: Array<ReceivedEvent> = []
  private waiters: Array<() => void> = []

  constructor(readonly socket: Socket) {
    socket.onAny((event: string, payload: Record<string, unknown>) => {
      this.received.push([event, payload])
      for (const wake of this.waiters.splice(0)) wake()
    })
  }

  /** Waits until `find` returns a value; tries again after each received event. */
  private readonly waitUntil = <A>(find: () => A | undefined): Effect.Effect<A> =>
    Effect.suspend(() => {
      const result = find()
      if (result !== undefined) return Effect.succeed(result)
      const nextEvent = Effect.async<void>((resume) => {
        this.waiters.push(() => resume(Effect.void))
      })
      return Effect.zipRight(nextEvent, this.waitUntil(find))
    })

  /** Waits for the event with this name that is number `count`; returns its payload. */
  readonly waitForEvent = (event: string, count = 1) => this.waitUntil(() => this.payloads(event)[count - 1])

  /** Waits for the first event with this name and config; returns its payload. */
  readonly waitForConfigEvent = (config: string, event: string) =>
    this.waitUntil(() => this.payloads(event).find((payload) => payload["config_id"] === config))

  /** The names of the received events, without `authenticated` and `change`, and with consecutive chunks collapsed. */
  get eventNames(): ReadonlyArray<string> {
    return eventNamesOf(this.received)
  }

  payloads(event: string) {
    return payloadsOf(this.received, event)
  }

  /** Emits an event and waits for its acknowledgement. */
  readonly emitWithAck = (event: string, payload: unknown) =>
    Effect.promise(() => this.socket.emitWithAck(event, payload) as Promise<Record<string, unknown>>)
}

type Transport = "websocket" | "polling"

/** Connects with a token; disconnects when the scope closes. */
export const connect = (token: unknown, transports: Array<Transport> = ["websocket"]) =>
  Effect.gen(function* () {
    const { url } = yield* App
    const client = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const socket = io(url, { auth: { token }, transports, forceNew: true, reconnection: false })
        return new SocketClient(socket)
      }),
      ({ socket }) => Effect.sync(() => socket.disconnect()),
    )
    yield* client.waitForEvent("authenticated")
    return client
  })

/** Returns what a client received about one config of an arena session. */
export const laneOf = ({ received }: Pick<SocketClient, "received">, config: string | undefined) => {
  const lane = received.filter(([, payload]) => payload["config_id"] === config)
  return { eventNames: eventNamesOf(lane), payloads: (event: string) => payloadsOf(lane, event) }
}

/** Creates a user with `count` configs. */
export const seedArena = (count: number) =>
  Effect.gen(function* () {
    const app = yield* App
    const user = yield* app.newUser()
    return { app, user, provider: yield* Provider, configs: yield* newConfigs(user, count) }
  })
