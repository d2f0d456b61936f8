import { Effect } from "effect"
import { ArenaSessionId } from "../../../src/domain/conversations/Conversations/Model"
import { compare, newConfigs } from "../../api/UniChat/arenaFixtures"
import type { Recorder } from "../Recorder"
import { nowhere, type Told } from "./People"

/** The arena: somebody compares three configs, asks them something, and forgets about it. */
export const tellArena = Effect.fn(function* (
  { recordRequest: ask, recordWithAuth: secured }: Recorder,
  { person, other }: Told,
) {
  const { token } = person
  const create = "UniChat.createArenaSession"
  const configs = yield* newConfigs(person, 3)
  const body = { config_ids: configs, title: "GPT vs Claude vs Gemini" }
  yield* ask(create, "VALIDATION_ERROR", "Without configs", { token, body: { title: "Nobody" } })
  yield* ask(create, "INVALID_CONFIG_COUNT", "One config alone", {
    token,
    body: { config_ids: configs.slice(0, 1) },
  })
  yield* ask(create, "CONFIG_NOT_FOUND", "Somebody else's", { token: other.token, body })
  const made = yield* secured(create, "created", "Three configs", { token, body })
  const path = { id: made.at("session.id") }

  yield* compare(person, configs, "What is quantum computing?", ArenaSessionId.make(path.id))
  yield* secured("UniChat.listArenaSessions", "sessions", "All of them", { token })
  yield* ask("UniChat.listArenaSessions", "VALIDATION_ERROR", "A page that is none", {
    token,
    query: { page: "0" },
  })
  yield* secured("UniChat.getArenaSession", "session", "One question, three answers", { token, path })
  yield* ask("UniChat.getArenaSession", "ARENA_SESSION_NOT_FOUND", "There is none", { token, path: nowhere })
  yield* secured("UniChat.deleteArenaSession", "deleted", "With its messages", { token, path })
  yield* ask("UniChat.deleteArenaSession", "ARENA_SESSION_NOT_FOUND", "It is gone", { token, path })
})
