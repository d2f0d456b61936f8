import { Effect } from "effect"
import { io, type Socket } from "socket.io-client"
import { App } from "../../support/App"
import { Provider } from "../../support/Provider"
import { newConfigs } from "./arenaFixtures"

/** An event as a client heard it, with its one object. */
type Heard = readonly [event: string, payload: Record<string, unknown>]

const namesOf = (heard: ReadonlyArray<Heard>) => {
  const names = heard.map(([name]) => name).filter((name) => name !== "authenticated")
  return names.filter((name, at) => !name.endsWith("message_chunk") || names[at - 1] !== name)
}

const payloadsOf = (heard: ReadonlyArray<Heard>, event: string) =>
  heard.filter(([name]) => name === event).map(([, payload]) => payload)

class Listener {
  readonly heard: Array<Heard> = []
  private waiting: Array<() => void> = []

  constructor(readonly socket: Socket) {
    socket.onAny((event: string, payload: Record<string, unknown>) => {
      this.heard.push([event, payload])
      for (const wake of this.waiting.splice(0)) wake()
    })
  }

  /** Waits until it has heard what is looked for. */
  private readonly untilFound = <A>(find: () => A | undefined): Effect.Effect<A> =>
    Effect.suspend(() => {
      const found = find()
      if (found !== undefined) return Effect.succeed(found)
      const more = Effect.async<void>((resume) => {
        this.waiting.push(() => resume(Effect.void))
      })
      return Effect.zipRight(more, this.untilFound(find))
    })

  /** Waits until it has heard so many events of this name; gives the last one's payload. */
  readonly until = (event: string, count = 1) => this.untilFound(() => this.payloads(event)[count - 1])

  /** The same of the first event of this name that is about a config. */
  readonly untilOf = (config: string, event: string) =>
    this.untilFound(() => this.payloads(event).find((payload) => payload["config_id"] === config))

  /** The names of what it heard, without `authenticated`, pieces of one answer counted as one. */
  get names(): ReadonlyArray<string> {
    return namesOf(this.heard)
  }

  payloads(event: string) {
    return payloadsOf(this.heard, event)
  }

  /** Says something and waits for what the server calls back with. */
  readonly ask = (event: string, payload: unknown) =>
    Effect.promise(() => this.socket.emitWithAck(event, payload) as Promise<Record<string, unknown>>)
}

type Transport = "websocket" | "polling"

/** Connects with a token, until the scope closes. */
export const connect = (token: unknown, transports: Array<Transport> = ["websocket"]) =>
  Effect.gen(function* () {
    const { url } = yield* App
    const listener = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const socket = io(url, { auth: { token }, transports, forceNew: true, reconnection: false })
        return new Listener(socket)
      }),
      ({ socket }) => Effect.sync(() => socket.disconnect()),
    )
    yield* listener.until("authenticated")
    return listener
  })

/** What somebody heard about one config of an arena session. */
export const laneOf = ({ heard }: Pick<Listener, "heard">, config: string | undefined) => {
  const lane = heard.filter(([, payload]) => payload["config_id"] === config)
  return { names: namesOf(lane), payloads: (event: string) => payloadsOf(lane, event) }
}

/** A person with so many configs, and the provider that answers for them. */
export const comparing = (count: number) =>
  Effect.gen(function* () {
    const app = yield* App
    const person = yield* app.newUser()
    return { app, person, provider: yield* Provider, configs: yield* newConfigs(person, count) }
  })
