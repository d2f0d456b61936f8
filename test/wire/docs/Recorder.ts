import { BunHttpServer } from "@effect/platform-bun"
import { Duration, Effect, Layer } from "effect"
import { contracts as served } from "../../../src/Server"
import type { Contract } from "../../../src/wire/frame/Contract"
import type { Example, Examples } from "../../../src/wire/frame/Examples"
import * as Sse from "../../../src/wire/frame/Sse"
import { App, type Asked } from "../../support/App"
import { type Recorded, steady } from "./Steady"

export const contracts = served.pipe(Effect.provide(Layer.merge(Sse.layer(), BunHttpServer.layerContext)))

/** What is asked of an operation: what its path and query are made of beside what every request has. */
export interface Request extends Pick<Asked, "token" | "cookie" | "body" | "headers"> {
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
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

const given = <A>(name: string, value: A | undefined) => (value === undefined ? {} : { [name]: value })

/** Asks a running server, and keeps what was asked and answered. */
export const makeRecorder = Effect.gen(function* () {
  const app = yield* App
  const all = yield* contracts
  const recorded: Array<Recorded> = []

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
    const answer = yield* app.ask(operation.method, address + search, {
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

  /** Everything recorded, by contract and operation, with ids, times and secrets that stay the same. */
  const examples = (): Readonly<Record<string, Examples>> => {
    const told = steady(recorded)
    // What is asked once more, to go on from, is told once.
    const ofOperation = (contract: string, operation: string) => {
      const all = told.filter((one) => one.contract === contract && one.operation === operation)
      return all
        .map(({ example }) => example)
        .filter(({ name }, at, every) => every.findIndex((one) => one.name === name) === at)
    }
    return Object.fromEntries(
      all.map(({ name, operations }) => [
        name,
        Object.fromEntries(
          operations.map((operation) => [operation.name, ofOperation(name, operation.name)]),
        ),
      ]),
    )
  }

  return { ask, secured, examples }
})

export type Recorder = Effect.Effect.Success<typeof makeRecorder>
