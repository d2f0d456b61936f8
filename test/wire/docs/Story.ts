import { Effect } from "effect"
import * as Server from "../../support/App"
import { makeRecorder } from "./Recorder"
import { tellAccount } from "./story/Account"
import { tellChatGuide, tellTheEnd } from "./story/ChatGuide"
import { tellModels } from "./story/Models"
import { tellNative } from "./story/Native"
import { meet } from "./story/People"
import { tellPromptTemplates } from "./story/PromptTemplates"

/** The server on which examples are recorded. */
export const server = Server.layer({ TOKENS_LIMIT: "-1" })

/** Every operation performed on an empty server: what was asked and answered, by contract and operation. */
export const tell = Effect.gen(function* () {
  const recorder = yield* makeRecorder
  yield* tellAccount(recorder)
  const chat = yield* tellChatGuide(recorder)
  yield* tellNative(recorder, chat)
  yield* tellTheEnd(recorder, chat.token, chat.email)
  const people = yield* meet
  yield* tellPromptTemplates(recorder, people)
  yield* tellModels(recorder, people)
  return recorder.examples()
})
