import { BunHttpServer } from "@effect/platform-bun"
import { Duration, Effect, Layer } from "effect"
import type { Contract } from "../../src/http/Contract"
import type { Example, Examples } from "../../src/http/Examples"
import type { EventExample, SocketContract } from "../../src/http/SocketContract"
import * as Sse from "../../src/http/Sse"
import { contracts as serverContracts } from "../../src/Server"
import { connect } from "../api/UniChat/socketClient"
import { App, type RequestOptions } from "../support/App"
import { normalize } from "./normalize"

export const contracts = serverContracts.pipe(
  Effect.provide(Layer.merge(Sse.layer(), BunHttpServer.layerContext)),
)

/** A request to an operation: its path and query parameters, and the options of every request. */
export interface Request extends Pick<RequestOptions, "token" | "cookie" | "body" | "headers"> {
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
}

/** A recorded request and response of an operation. */
interface Recorded {
  readonly contract: string
  readonly operation: string
  readonly startedAt: number
  readonly example: Example
}

/** A recorded event, from a client or the server. */
interface RecordedEvent {
  readonly contract: string
  readonly event: string
  readonly startedAt: number
  readonly example: EventExample
}

/** The recorded examples of a contract. */
interface ContractExamples {
  readonly contract: string
  readonly operations: Examples
  readonly events: SocketContract["examples"] | undefined
}

/** The delay between requests: above the clock resolution, so that a timestamp identifies its request. */
const minGap = Duration.millis(5)

const findOperation = (contracts: ReadonlyArray<Contract>, operationName: string) => {
  const [contractName, name] = operationName.split(".")
  const contract = contracts.find((one) => one.name === contractName)
  const operation = contract?.operations.find((one) => one.name === name)
  if (contract === undefined || operation === undefined)
    throw new Error(`There is no operation ${operationName}`)
  return { contract, operation }
}

/** Returns the names of all events of clients and the server. */
export const eventsOf = ({ groups }: SocketContract) =>
  groups.flatMap(({ serverEvents, clientEvents }) => [
    ...Object.keys(serverEvents),
    ...Object.keys(clientEvents),
  ])

const optionalField = <A>(name: string, value: A | undefined) =>
  value === undefined ? {} : { [name]: value }

/** Makes a recorder: it sends requests and events to a running server and records them with the responses. */
export const makeRecorder = Effect.gen(function* () {
  const app = yield* App
  const allContracts = yield* contracts
  const recorded: Array<Recorded | RecordedEvent> = []

  /**
   * Calls the operation `Contract.name`, and records request and response as the example `name`. A name in
   * capitals is the error code that the response must have.
   */
  const recordRequest = Effect.fnUntraced(function* (
    operationName: string,
    name: string,
    summary: string,
    request: Request,
  ) {
    const { contract, operation } = findOperation(allContracts, operationName)
    const { path = {}, query, token, cookie, body, headers } = request
    const pathname = operation.path.replace(/:(\w+)/g, (_, key: string) => path[key] ?? "")
    const search = query === undefined ? "" : `?${new URLSearchParams(query)}`
    yield* Effect.sleep(minGap)
    const startedAt = Date.now()
    const response = yield* app.request(operation.method, pathname + search, {
      ...optionalField("token", token),
      ...optionalField("cookie", cookie),
      ...optionalField("body", body),
      ...optionalField("headers", headers),
    })
    const type = response.headers.get("content-type")?.split(";")[0]
    const responseBody: unknown = type === "application/json" ? response.json : response.text
    if (response.status >= 400 && type === "application/json" && response.at("code") !== name) {
      throw new Error(`${operationName} responded with ${response.status} ${response.text}, expected ${name}`)
    }
    if (response.status < 400 && /^[A-Z_]+$/.test(name))
      throw new Error(`${operationName} responded with ${response.status}, expected ${name}`)
    const example: Example = {
      name,
      summary,
      request: {
        ...optionalField("path", request.path),
        ...optionalField("query", query),
        ...optionalField("headers", headers),
        ...optionalField("body", body),
      },
      response: {
        status: response.status,
        ...(response.text === "" ? {} : optionalField("type", type)),
        // Binary bodies are left out.
        ...(response.text === "" || type?.startsWith("image/") === true ? {} : { body: responseBody }),
      },
    }
    recorded.push({ contract: contract.name, operation: operation.name, startedAt, example })
    return response
  })

  /** Records a request twice, without and with its token: for operations that require authentication. */
  const recordWithAuth = Effect.fnUntraced(function* (
    operationName: string,
    name: string,
    summary: string,
    request: Request,
  ) {
    const { token: _, ...anonymous } = request
    yield* recordRequest(operationName, "UNAUTHORIZED", "Without a token", anonymous)
    return yield* recordRequest(operationName, name, summary, request)
  })

  /** Connects to the socket of a contract with a token, to record events. */
  const recordEvents = Effect.fnUntraced(function* (contract: string, token: string) {
    const listener = yield* connect(token)
    let startedAt = Date.now()
    const record = (event: string, example: EventExample) =>
      recorded.push({ contract, event, startedAt, example })

    /** Emits an event, and records it with its acknowledgement, which must have the error code `code` if present. */
    const emit = Effect.fnUntraced(function* (
      event: string,
      summary: string,
      payload: unknown,
      code?: string,
    ) {
      yield* Effect.sleep(minGap)
      startedAt = Date.now()
      const reply = yield* listener.emitWithAck(event, payload)
      if (reply["code"] !== code)
        throw new Error(
          `${event} was acknowledged with ${JSON.stringify(reply)}, expected ${code ?? "success"}`,
        )
      record(event, { summary, payload, reply })
      return reply
    })

    /** Waits for a server event, of one config if given, and records it. */
    const waitFor = Effect.fnUntraced(function* (event: string, summary: string, config?: string) {
      const payload = yield* config === undefined
        ? listener.waitForEvent(event)
        : listener.waitForConfigEvent(config, event)
      record(event, { summary, payload })
      return payload
    })

    return { emit, waitFor, listener }
  })

  /** Returns everything recorded, by contract and operation or event, with constant ids, times and secrets. */
  const examples = (): ReadonlyArray<ContractExamples> => {
    const normalized = normalize(recorded)
    // A request that was repeated to continue from its result is listed once.
    const ofOperation = (contract: string, operation: string) => {
      const all = normalized.flatMap((one) =>
        one.contract === contract && "operation" in one && one.operation === operation ? [one.example] : [],
      )
      return all.filter(({ name }, at, every) => every.findIndex((one) => one.name === name) === at)
    }
    const ofEvent = (contract: string, event: string) =>
      normalized.flatMap((one) =>
        one.contract === contract && "event" in one && one.event === event ? [one.example] : [],
      )
    const named = <A>(names: ReadonlyArray<string>, of: (name: string) => A) =>
      Object.fromEntries(names.map((name) => [name, of(name)]))
    return allContracts.map(({ name, operations, socket: events }) => ({
      contract: name,
      operations: named(
        operations.map((operation) => operation.name),
        (operation) => ofOperation(name, operation),
      ),
      events: events && named(eventsOf(events), (event) => ofEvent(name, event)),
    }))
  }

  return { recordRequest, recordWithAuth, recordEvents, examples }
})

export type Recorder = Effect.Effect.Success<typeof makeRecorder>
