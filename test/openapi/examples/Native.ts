import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { App } from "../../support/App"
import { Provider } from "../../support/Provider"
import { answer, stall } from "../../support/Provider/Script"
import type { Recorder } from "../Recorder"

const nowhere = "019bc0f1-0000-7000-8000-000000000001"

/** Runs: one that is over, and one that is stopped in mid-answer. */
export const tellNative = Effect.fn(function* (
  { recordRequest: ask, recordWithAuth: secured }: Recorder,
  { token, chat, run }: { readonly token: string; readonly chat: string; readonly run: string },
) {
  const sql = yield* SqlClient.SqlClient
  const provider = yield* Provider
  const app = yield* App
  const read = "Native.readGeneration"
  const stop = "Native.stopGeneration"

  const path = { id: run }
  const whole = yield* secured(read, "whole", "From its start", { token, path })
  const last = whole.events.at(-1)?.id ?? ""
  yield* ask(read, "resumed", "From after event 2", { token, path, headers: { "last-event-id": "2" } })
  yield* ask(read, "seen", "A reader that has seen everything", {
    token,
    path,
    headers: { "last-event-id": last },
  })
  yield* ask(read, "GENERATION_NOT_FOUND", "Another's, or none", { token, path: { id: nowhere } })

  yield* provider.script(answer("Once upon a time", stall))
  const asked = provider.requests.length
  const telling = yield* app.requestStream("GET", app.streamPath(chat, "Tell me a very long story"), {
    token,
  })
  yield* provider.received(asked)
  const running = { id: telling.headers.get("x-generation-id") ?? "" }
  yield* secured(stop, "stopped", "In mid-answer", { token, path: running })
  yield* Effect.promise(() => telling.text())
  yield* ask(stop, "over", "One that was over already", { token, path })
  yield* ask(stop, "GENERATION_NOT_FOUND", "Another's, or none", { token, path: { id: nowhere } })
  yield* ask(read, "stopped", "A run that was stopped", { token, path: running })

  yield* sql`delete from generation_log where generation_id = ${run}`
  yield* ask(read, "GENERATION_LOG_EXPIRED", "A run that ended long ago", { token, path })
})
