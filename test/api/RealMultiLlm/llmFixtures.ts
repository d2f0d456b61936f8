import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { App, type TestUser } from "../../support/App"
import { readStream } from "../../support/readStream"

export const chatPath = "/api/llm/chat"
export const streamPath = "/api/llm/stream"

/** A body with one prompt. */
export const promptBody = (content = "Explain quantum computing", provider = "openai") => ({
  provider,
  messages: [{ role: "user", content }],
})

/** Sends a request to a model and reads the whole response. */
export const post = (
  path: string,
  { token }: TestUser,
  body: Readonly<Record<string, unknown>> = promptBody(),
) => Effect.flatMap(App, (app) => app.request("POST", path, { token, body }))

/** Starts reading a streamed answer. */
export const openStream = ({ token }: TestUser, body: Readonly<Record<string, unknown>> = promptBody()) =>
  Effect.flatMap(App, (app) => Effect.map(app.requestStream("POST", streamPath, { token, body }), readStream))

/** Parses the lines of a stream. */
export const linesOf = (text: string): ReadonlyArray<unknown> => {
  const lines = text.split("\n")
  if (lines.pop() !== "") throw new Error("The last line is not complete")
  return lines.map((line) => JSON.parse(line))
}

/** Returns the usage account of a user. */
export const account = ({ id }: TestUser) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [row] = yield* sql<{ used: number; reserved: number; messages: number }>`
      select tokens_used as used, tokens_reserved as reserved, messages_sent as messages
      from usage_accounts where user_id = ${id}`
    return row
  })

/** Waits until nothing is reserved for a user any more, and returns the account. */
export const settledAccount = (user: TestUser) =>
  account(user).pipe(
    Effect.delay("20 millis"),
    Effect.repeat({ until: (row) => row?.reserved === 0, times: 200 }),
  )
