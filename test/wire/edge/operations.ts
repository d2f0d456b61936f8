import { expect } from "bun:test"
import { BunHttpServer } from "@effect/platform-bun"
import { Effect, Layer } from "effect"
import { contracts } from "../../../src/Server"
import type { Contract, Operation } from "../../../src/wire/frame/Contract"
import * as Sse from "../../../src/wire/frame/Sse"
import { type Answer, App, type Person } from "../../support/App"

/** Every operation of every contract that the server serves. */
export const operations = Effect.map(contracts, (all) =>
  all.flatMap((contract) => contract.operations.map((operation) => ({ contract, operation }))),
).pipe(Effect.provide(Layer.merge(Sse.layer(), BunHttpServer.layerContext)))

/** What needs no sign-in. */
export const open: ReadonlySet<string> = new Set([
  "signUp",
  "signIn",
  "register",
  "login",
  "refresh",
  "health",
])

const account = { email: "sample@example.com", password: "SecurePass123!" }

/** A body that an operation takes, by the operation's name. */
const bodies: Record<string, Readonly<Record<string, unknown>>> = {
  signUp: { ...account, fullName: "Jane Doe" },
  signIn: account,
  register: { ...account, display_name: "Jane Doe", name: "Jane Doe" },
  login: account,
  refresh: { refreshToken: "none", refresh_token: "none" },
  changePassword: { current_password: account.password, new_password: "NewPass456!" },
  updateProfile: { fullName: "Jane Doe" },
  createChat: { title: "My first chat" },
}

const queries: Record<string, string> = { streamMessage: "?content=hi" }

/** A body and a query that are good; an operation that takes a body and is not known here fails. */
export const sample = ({ name, takesBody }: Operation) => {
  const body = bodies[name]
  if (takesBody && body === undefined) throw new Error(`${name} needs a sample of its body here`)
  return { body, query: queries[name] ?? "" }
}

/** Makes something of a person's own at the address that a path begins with, and gives its id. */
const makers: Record<string, (person: Person) => Effect.Effect<string, never, App>> = {
  "/api/chats/:id": (person) => Effect.flatMap(App, (app) => app.newChat(person)),
  "/api/generations/:id": (person) =>
    Effect.gen(function* () {
      const app = yield* App
      const answer = yield* app.say(person, yield* app.newChat(person), "hi")
      return answer.headers.get("x-generation-id") ?? ""
    }),
}

/** A path with ids of what is this person's; one whose parameters nothing is known of fails. */
export const pathOf = ({ path }: Operation, owner: Person) =>
  Effect.gen(function* () {
    if (!path.includes(":")) return path
    const [prefix, make] = Object.entries(makers).find(([start]) => path.startsWith(start)) ?? []
    if (prefix === undefined || make === undefined) throw new Error(`${path} needs a maker of its ids here`)
    return path.replace(prefix, prefix.replace(":id", yield* make(owner)))
  })

/** Holds that this is an error in the contract's own shape. */
export const expectRefusal = ({ name }: Pick<Contract, "name">, answer: Answer) => {
  expect(answer.status).toBeGreaterThanOrEqual(400)
  expect(answer.status).toBeLessThan(500)
  expect(answer.headers.get("content-type")).toBe("application/json")
  const requestId = answer.headers.get("x-request-id")
  expect(requestId).toMatch(/^[\w.-]{8,128}$/)
  const common = {
    error: expect.stringMatching(/^\S.*\S$/s),
    code: expect.stringMatching(/^[A-Z_]+$/),
    requestId,
  }
  expect(answer.json).toMatchObject(
    name === "ChatGuide"
      ? { ...common, message: answer.at("error"), statusCode: answer.status, timestamp: expect.any(String) }
      : common,
  )
}
