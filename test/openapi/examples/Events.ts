import { Effect } from "effect"
import { newConfigs } from "../../api/UniChat/arenaFixtures"
import { newConfig } from "../../api/UniChat/chatFixtures"
import { App } from "../../support/App"
import { Provider } from "../../support/Provider"
import { answer, Latch, stall, status, usage, waitFor } from "../../support/Provider/Script"
import type { Recorder } from "../Recorder"
import { nowhere } from "./People"

const none = "Another's, or none"

/** A conversation over Socket.IO: an answer with its title, one written anew, one stopped, one that fails. */
const tellChat = Effect.fn(function* ({ recordEvents: converse }: Recorder) {
  const app = yield* App
  const provider = yield* Provider
  const person = yield* app.newUser()
  const config_id = yield* newConfig(person)
  const { emit: say, waitFor: hear, listener } = yield* converse("UniChat", person.token)
  yield* hear("authenticated", "As whom the server knows the client")

  const message = "What is React?"
  yield* say("send_message", "Without a message", { config_id }, "VALIDATION_ERROR")
  yield* hear("error", "A field is missing")
  yield* say(
    "send_message",
    "A config that is not there",
    { config_id: nowhere.id, message },
    "CONFIG_NOT_FOUND",
  )
  const elsewhere = { conversation_id: nowhere.id, config_id, message }
  yield* say("send_message", "Somebody else's conversation", elsewhere, "CONVERSATION_NOT_FOUND")

  const text = "React is a library for user interfaces."
  const heard = new Latch()
  yield* provider.script(answer(waitFor(heard), text, usage(25, 9)), answer("What React is", usage(40, 4)))
  const begun = yield* say("send_message", "In a new conversation", { config_id, message, attachments: [] })
  yield* hear("conversation_created", "By its first message")
  heard.open()
  yield* hear("message_saved", "A prompt")
  yield* hear("message_start", "An answer begins")
  const { index: after } = yield* hear("message_chunk", "Its first piece")
  yield* hear("message_complete", "An answer, whole")
  yield* hear("title_updated", "After the first answer")
  const { conversation_id, message_id } = begun

  yield* say("follow_message", "From after a piece", { message_id, after })
  yield* say("follow_message", none, { message_id: nowhere.id }, "MESSAGE_NOT_FOUND")
  yield* say("regenerate_message", none, { message_id: nowhere.id }, "MESSAGE_NOT_FOUND")
  yield* provider.script(answer("It renders ", stall))
  const again = yield* say("regenerate_message", "An answer", { message_id })
  yield* listener.waitForEvent("message_chunk", 2)
  const running = { message_id: again["message_id"] }
  yield* say("stop_generation", none, { message_id: nowhere.id }, "MESSAGE_NOT_FOUND")
  yield* say("stop_generation", "In mid-answer", running)
  yield* hear("generation_stopped", "In mid-answer")
  yield* provider.script(status(401))
  yield* say("send_message", "In a conversation that is there", {
    conversation_id,
    config_id,
    message: "Why?",
  })
  yield* hear("message_error", "The provider refused")
})

/** Two configs side by side: one answers and the other fails; then both are stopped. */
const tellArena = Effect.fn(function* ({ recordEvents: converse }: Recorder) {
  const app = yield* App
  const provider = yield* Provider
  const person = yield* app.newUser()
  const config_ids = yield* newConfigs(person, 2)
  const [first = "", second = ""] = config_ids
  const { emit: say, waitFor: hear, listener } = yield* converse("UniChat", person.token)

  const message = "What is quantum computing?"
  const send = "arena_send_message"
  yield* say(send, "Without configs", { message }, "VALIDATION_ERROR")
  yield* say(send, "One config alone", { config_ids: [first], message }, "INVALID_CONFIG_COUNT")
  const elsewhere = { session_id: nowhere.id, config_ids, message }
  yield* say(send, none, elsewhere, "ARENA_SESSION_NOT_FOUND")

  const text = "Computing with qubits."
  yield* provider.setResponder(({ model }) => (model === "gemini" ? status(401) : answer(text, usage(31, 5))))
  const begun = yield* say(send, "In a new session", { config_ids, message })
  yield* hear("arena_session_created", "By its first message")
  yield* hear("arena_user_message", "A prompt, once for all configs")
  const { message_id } = yield* hear("arena_message_start", "The first config's answer begins", first)
  yield* hear("arena_message_start", "And that of the second", second)
  const { index: after } = yield* hear("arena_message_chunk", "Its first piece", first)
  yield* hear("arena_message_complete", "An answer, whole", first)
  yield* hear("arena_message_error", "One fails, the other goes on", second)

  const { session_id } = begun
  const follow = "arena_follow_message"
  yield* say(follow, "From after a piece", { session_id, message_id, after })
  yield* say(follow, none, { session_id, message_id: nowhere.id }, "MESSAGE_NOT_FOUND")

  yield* provider.setResponder(() => answer("In short: ", stall))
  yield* say(send, "In a session that is there", { session_id, config_ids, message: "In one sentence?" })
  yield* listener.waitForEvent("arena_message_chunk", 3)
  yield* say(send, "Before all have answered", { session_id, config_ids, message: "Well?" }, "ARENA_BUSY")
  const stop = "arena_stop_generation"
  yield* say(stop, none, { session_id: nowhere.id }, "ARENA_SESSION_NOT_FOUND")
  yield* say(stop, "In mid-answer", { session_id })
  yield* hear("arena_generation_stopped", "All of them")
})

/** Everything that is said over Socket.IO, by clients and by the server. */
export const tellEvents = (recorder: Recorder) =>
  Effect.zipRight(tellChat(recorder), tellArena(recorder)).pipe(Effect.scoped)
