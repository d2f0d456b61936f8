import { expect } from "bun:test"
import { Effect } from "effect"
import { App, type RequestOptions, type TestUser } from "../../support/App"

export const digits = "0123456789".repeat(10)

/** Matches a time in a body. */
export const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

export const upload = Effect.fn(function* (
  { token }: TestUser,
  content: string | Buffer = digits,
  name = "digits.txt",
  type = "text/plain",
) {
  const raw = new FormData()
  raw.append("file", new File([content], name, { type }))
  return yield* (yield* App).request("POST", "/v1/files", { token, raw })
})

export const newFile = (user: TestUser) => Effect.map(upload(user), (created) => created.at("data.id"))

export const get = (path: string, options?: RequestOptions, method = "GET") =>
  Effect.flatMap(App, (app) => app.request(method, path, options))
