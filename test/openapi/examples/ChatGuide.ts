import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { Provider } from "../../support/Provider"
import { answer, pause, status } from "../../support/Provider/Script"
import type { Recorder } from "../Recorder"

const password = "yourPassword"
const nowhere = "019bc0f1-0000-7000-8000-000000000000"

/** Long enough apart to arrive as two pieces. */
const paris = answer("Paris", pause(100), " is the capital of France.")

/** A chat from its beginning. Gives what reads the run that wrote its answer. */
export const tellChatGuide = Effect.fn(function* ({ recordRequest: ask, recordWithAuth: secured }: Recorder) {
  const sql = yield* SqlClient.SqlClient
  const provider = yield* Provider
  const user = { email: "user@example.com", password, fullName: "John Doe" }
  const { email } = user

  yield* ask("ChatGuide.signUp", "user", "A new user", { body: user })
  yield* ask("ChatGuide.signUp", "EMAIL_TAKEN", "The address is taken", { body: user })
  yield* ask("ChatGuide.signUp", "VALIDATION_ERROR", "Without a name", { body: { email, password } })
  const signedIn = yield* ask("ChatGuide.signIn", "password", "With address and password", {
    body: { email, password },
  })
  yield* ask("ChatGuide.signIn", "INVALID_CREDENTIALS", "A wrong password", {
    body: { email, password: "no" },
  })
  yield* ask("ChatGuide.signIn", "VALIDATION_ERROR", "Without a password", { body: { email } })
  yield* ask("ChatGuide.signIn", "ACCOUNT_BANNED", "Somebody who is banned", {
    body: { email: "mallory@example.com", password: "SecurePass123!" },
  })

  const token = signedIn.at("data.accessToken")
  yield* secured("ChatGuide.updateProfile", "name", "Another name", { token, body: { fullName: "Jane Doe" } })
  yield* ask("ChatGuide.updateProfile", "VALIDATION_ERROR", "No name at all", {
    token,
    body: { fullName: "" },
  })

  const made = yield* secured("ChatGuide.createChat", "new", "A new chat", {
    token,
    body: { title: "Geography" },
  })
  yield* ask("ChatGuide.createChat", "reused", "The empty chat again", { token })
  yield* ask("ChatGuide.createChat", "VALIDATION_ERROR", "An empty title", { token, body: { title: "" } })
  const path = { id: made.at("data.chat.id") }
  yield* secured("ChatGuide.listChats", "all", "All of them", { token })
  yield* secured("ChatGuide.getChat", "chat", "One of them", { token, path })
  yield* ask("ChatGuide.getChat", "CHAT_NOT_FOUND", "Another's, or none", { token, path: { id: nowhere } })

  const stream = "ChatGuide.streamMessage"
  const asked = { token, path, query: { content: "What is the capital of France?" } }
  yield* provider.script(
    paris,
    status(401, { error: { message: "Incorrect API key provided", type: "invalid_request_error" } }),
  )
  const streamed = yield* secured(stream, "answer", "A prompt and its answer", asked)
  const seen = { ...asked, headers: { "last-event-id": streamed.events.at(-1)?.id ?? "" } }
  yield* ask(stream, "seen", "A reader that has seen everything", seen)
  yield* ask(stream, "failed", "The model's provider refuses", asked)
  yield* ask(stream, "VALIDATION_ERROR", "Nothing said", { ...asked, query: { content: " " } })
  yield* ask(stream, "CHAT_NOT_FOUND", "Another's, or none", { ...asked, path: { id: nowhere } })

  const list = "ChatGuide.listMessages"
  yield* secured(list, "page", "The first page", { token, path, query: { page: "1", limit: "2" } })
  yield* ask(list, "search", "What the model said of a word", {
    token,
    path,
    query: { role: "ASSISTANT", search: "capital" },
  })
  yield* ask(list, "VALIDATION_ERROR", "Pages count from 1", { token, path, query: { page: "0" } })
  yield* ask(list, "CHAT_NOT_FOUND", "Another's, or none", { token, path: { id: nowhere } })

  const spent = sql`update usage_accounts set tokens_limit = 1 where user_id = (select id from users where email = ${email})`
  yield* spent
  yield* ask(stream, "TOKEN_LIMIT_REACHED", "The limit does not cover it", asked)
  yield* sql`update usage_accounts set tokens_limit = -1`
  return { token, chat: path.id, run: streamed.headers.get("x-generation-id") ?? "", email }
})

/** What is left to say once the account is gone. */
export const tellTheEnd = Effect.fn(function* (
  { recordRequest: ask }: Recorder,
  token: string,
  email: string,
) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`delete from users where email = ${email}`
  yield* ask("ChatGuide.updateProfile", "USER_NOT_FOUND", "The account was deleted a moment ago", {
    token,
    body: { fullName: "Jane Doe" },
  })
})
