import { BunHttpServer } from "@effect/platform-bun"
import { Duration, Effect, Layer } from "effect"
import type { Contract } from "../../src/http/Contract"
import type { Example, Examples } from "../../src/http/Examples"
import type { SocketContract, EventExample } from "../../src/http/SocketContract"
import * as Sse from "../../src/http/Sse"
import { contracts as served } from "../../src/Server"
import { connect } from "../api/UniChat/socketClient"
import { App, type RequestOptions } from "../support/App"
import { steady } from "./normalize"

export const contracts = served.pipe(Effect.provide(Layer.merge(Sse.layer(), BunHttpServer.layerContext)))

/** What is asked of an operation: what its path and query are made of beside what every request has. */
export interface Request extends Pick<RequestOptions, "token" | "cookie" | "body" | "headers"> {
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
}

/** An exchange with an operation. */
interface Recorded {
  readonly contract: string
  readonly operation: string
  readonly startedAt: number
  readonly example: Example
}

/** Something said over a connection, by either side. */
interface RecordedEvent {
  readonly contract: string
  readonly event: string
  readonly startedAt: number
  readonly example: EventExample
}

/** What a contract's examples are made of. */
interface Told {
  readonly contract: string
  readonly operations: Examples
  readonly events: SocketContract["examples"] | undefined
}

/** More than a clock's tick, so that a time tells in which exchange it was taken. */
const apart = Duration.millis(5)

const find = (contracts: ReadonlyArray<Contract>, full: string) => {
  const [contractName, name] = full.split(".")
  const contract = contracts.find((one) => one.name === contractName)
  const operation = contract?.operations.find((one) => one.name === name)
  if (contract === undefined || operation === undefined) throw new Error(`There is no operation ${full}`)
  return { contract, operation }
}

/** The names of all events that either side says. */
export const eventsOf = ({ groups }: SocketContract) =>
  groups.flatMap(({ serverEvents: told, clientEvents: heard }) => [...Object.keys(told), ...Object.keys(heard)])

const given = <A>(name: string, value: A | undefined) => (value === undefined ? {} : { [name]: value })

/** Asks a running server, and keeps what was asked and answered. */
export const makeRecorder = Effect.gen(function* () {
  const app = yield* App
  const all = yield* contracts
  const recorded: Array<Recorded | RecordedEvent> = []

  /**
   * Asks the operation `Contract.name`, and keeps the exchange as `name`: an error's code where
   * there is one, which must then be what comes back.
   */
  const ask = Effect.fnUntraced(function* (full: string, name: string, summary: string, request: Request) {
    const { contract, operation } = find(all, full)
    const { path = {}, query, token, cookie, body, headers } = request
    const address = operation.path.replace(/:(\w+)/g, (_, key: string) => path[key] ?? "")
    const search = query === undefined ? "" : `?${new URLSearchParams(query)}`
    yield* Effect.sleep(apart)
    const startedAt = Date.now()
    const answer = yield* app.request(operation.method, address + search, {
      ...given("token", token),
      ...given("cookie", cookie),
      ...given("body", body),
      ...given("headers", headers),
    })
    const type = answer.headers.get("content-type")?.split(";")[0]
    const told: unknown = type === "application/json" ? answer.json : answer.text
    if (answer.status >= 400 && type === "application/json" && answer.at("code") !== name) {
      throw new Error(`${full} answered ${answer.status} ${answer.text} where ${name} was expected`)
    }
    if (answer.status < 400 && /^[A-Z_]+$/.test(name))
      throw new Error(`${full} answered ${answer.status}, not ${name}`)
    const example: Example = {
      name,
      summary,
      request: {
        ...given("path", request.path),
        ...given("query", query),
        ...given("headers", headers),
        ...given("body", body),
      },
      response: {
        status: answer.status,
        ...(answer.text === "" ? {} : given("type", type)),
        // What is no text is not shown.
        ...(answer.text === "" || type?.startsWith("image/") === true ? {} : { body: told }),
      },
    }
    recorded.push({ contract: contract.name, operation: operation.name, startedAt, example })
    return answer
  })

  /** The same request from nobody, then as it is: for what wants a sign-in. */
  const secured = Effect.fnUntraced(function* (
    full: string,
    name: string,
    summary: string,
    request: Request,
  ) {
    const { token: _, ...nobodys } = request
    yield* ask(full, "UNAUTHORIZED", "Without a token", nobodys)
    return yield* ask(full, name, summary, request)
  })

  /** Connects with a token, to speak of the events of a contract. */
  const converse = Effect.fnUntraced(function* (contract: string, token: string) {
    const listener = yield* connect(token)
    let startedAt = Date.now()
    const keep = (event: string, example: EventExample) =>
      recorded.push({ contract, event, startedAt, example })

    /** Says something, and keeps it and what comes back: a refusal where a code is expected. */
    const say = Effect.fnUntraced(function* (
      event: string,
      summary: string,
      payload: unknown,
      code?: string,
    ) {
      yield* Effect.sleep(apart)
      startedAt = Date.now()
      const reply = yield* listener.emitWithAck(event, payload)
      if (reply["code"] !== code)
        throw new Error(`${event} was answered ${JSON.stringify(reply)}, not ${code ?? "well"}`)
      keep(event, { summary, payload, reply })
      return reply
    })

    /** Waits for something that is said since, and keeps it; of one config, if one is given. */
    const hear = Effect.fnUntraced(function* (event: string, summary: string, config?: string) {
      const payload = yield* config === undefined ? listener.waitForEvent(event) : listener.waitForConfigEvent(config, event)
      keep(event, { summary, payload })
      return payload
    })

    return { say, hear, listener }
  })

  /** Everything recorded, by contract and operation or event, with ids, times and secrets that stay the same. */
  const examples = (): ReadonlyArray<Told> => {
    const told = steady(recorded)
    // What is asked once more, to go on from, is told once.
    const ofOperation = (contract: string, operation: string) => {
      const all = told.flatMap((one) =>
        one.contract === contract && "operation" in one && one.operation === operation ? [one.example] : [],
      )
      return all.filter(({ name }, at, every) => every.findIndex((one) => one.name === name) === at)
    }
    const ofEvent = (contract: string, event: string) =>
      told.flatMap((one) =>
        one.contract === contract && "event" in one && one.event === event ? [one.example] : [],
      )
    const named = <A>(names: ReadonlyArray<string>, of: (name: string) => A) =>
      Object.fromEntries(names.map((name) => [name, of(name)]))
    return all.map(({ name, operations, events }) => ({
      contract: name,
      operations: named(
        operations.map((operation) => operation.name),
        (operation) => ofOperation(name, operation),
      ),
      events: events && named(eventsOf(events), (event) => ofEvent(name, event)),
    }))
  }

  return { ask, secured, converse, examples }
})

export type Recorder = Effect.Effect.Success<typeof makeRecorder>
