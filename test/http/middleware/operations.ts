import { expect } from "bun:test"
import { BunHttpServer } from "@effect/platform-bun"
import { Effect, Layer } from "effect"
import type { Contract, Operation } from "../../../src/http/Contract"
import * as Sse from "../../../src/http/Sse"
import { contracts } from "../../../src/Server"
import type { TestResponse, TestUser } from "../../support/App"
import { account } from "./samples/Account"
import { admin } from "./samples/Admin"
import { arena } from "./samples/Arena"
import { chatGuide } from "./samples/ChatGuide"
import { configs } from "./samples/Configs"
import { conversations } from "./samples/Conversations"
import { images } from "./samples/Images"
import { models } from "./samples/Models"
import { native } from "./samples/Native"
import { promptTemplates } from "./samples/PromptTemplates"
import type { Sample } from "./samples/Sample"
import { users } from "./samples/Users"

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

const samples: Readonly<Record<string, Sample>> = {
  ...account,
  ...chatGuide,
  ...native,
  ...conversations,
  ...configs,
  ...images,
  ...models,
  ...arena,
  ...promptTemplates,
  ...users,
  ...admin,
}

/** What is good for an operation; one that takes a body, or has ids in its path, and is not known fails. */
export const sample = ({ name, path, takesBody }: Operation) => {
  const { body, nullable = [], query = "", ids, may = "owner" } = samples[name] ?? {}
  if (takesBody && body === undefined) throw new Error(`${name} needs a sample of its body`)
  if (path.includes(":") && ids === undefined) throw new Error(`${name} needs a maker of its ids`)
  return { body, nullable, query, may }
}

/** A path with ids of what is this person's, made anew. */
export const pathOf = ({ name, path }: Operation, owner: TestUser) =>
  Effect.gen(function* () {
    const ids = path.includes(":") ? yield* samples[name]?.ids?.(owner) ?? Effect.succeed("") : ""
    return path.replace(/:\w+/, ids)
  })

/** Holds that this is an error in the contract's own shape. */
export const expectRefusal = ({ name }: Pick<Contract, "name">, answer: TestResponse) => {
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
