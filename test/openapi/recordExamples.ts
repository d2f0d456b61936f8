import { Effect, Layer } from "effect"
import { newConfig } from "../api/UniChat/chatFixtures"
import * as Server from "../support/App"
import { tellAccount } from "./examples/Account"
import { tellAdmin } from "./examples/Admin"
import { tellAnalytics } from "./examples/Analytics"
import { tellArena } from "./examples/Arena"
import { tellChatGuide, tellTheEnd } from "./examples/ChatGuide"
import { tellConfigs, tellEnhancing } from "./examples/Configs"
import { tellConversations } from "./examples/Conversations"
import { tellEvents } from "./examples/Events"
import { tellFailures } from "./examples/Failures"
import { tellGallery } from "./examples/Gallery"
import { tellImages } from "./examples/Images"
import { tellModels } from "./examples/Models"
import { tellNative } from "./examples/Native"
import { meet } from "./examples/People"
import { tellPromptTemplates } from "./examples/PromptTemplates"
import { tellUsers } from "./examples/Users"
import { makeRecorder } from "./Recorder"
import * as Disk from "./unwritableStorage"

/** The server on which examples are recorded. */
export const server = Layer.unwrapEffect(
  Effect.map(Disk.Storage, ({ folder }) => Server.layer({ TOKENS_LIMIT: "-1", DATA_DIR: folder })),
).pipe(Layer.provideMerge(Disk.layer))

/** Calls every operation on an empty server; returns the recorded examples by contract and operation. */
export const recordExamples = Effect.gen(function* () {
  const recorder = yield* makeRecorder
  yield* tellAccount(recorder)
  yield* tellAnalytics(recorder)
  const chat = yield* tellChatGuide(recorder)
  yield* tellNative(recorder, chat)
  yield* tellTheEnd(recorder, chat.token, chat.email)
  const people = yield* meet
  yield* tellConversations(recorder, people, yield* newConfig(people.person))
  yield* tellFailures(recorder, people.other)
  const shown = yield* tellConfigs(recorder, people)
  yield* tellEnhancing(recorder)
  yield* tellGallery(recorder, people, shown)
  yield* tellArena(recorder, people)
  yield* tellImages(recorder)
  yield* tellPromptTemplates(recorder, people)
  yield* tellModels(recorder, people)
  yield* tellUsers(recorder)
  yield* tellAdmin(recorder)
  yield* tellEvents(recorder)
  return recorder.examples()
})
