import { Effect, Layer } from "effect"
import * as Server from "../../support/App"
import { newConfig } from "../UniChat/talking"
import * as Disk from "./Disk"
import { makeRecorder } from "./Recorder"
import { tellAccount } from "./story/Account"
import { tellAdmin } from "./story/Admin"
import { tellAnalytics } from "./story/Analytics"
import { tellArena } from "./story/Arena"
import { tellChatGuide, tellTheEnd } from "./story/ChatGuide"
import { tellConfigs, tellEnhancing } from "./story/Configs"
import { tellConversations } from "./story/Conversations"
import { tellEvents } from "./story/Events"
import { tellFailures } from "./story/Failures"
import { tellGallery } from "./story/Gallery"
import { tellImages } from "./story/Images"
import { tellModels } from "./story/Models"
import { tellNative } from "./story/Native"
import { meet } from "./story/People"
import { tellPromptTemplates } from "./story/PromptTemplates"
import { tellUsers } from "./story/Users"

/** The server on which examples are recorded. */
export const server = Layer.unwrapEffect(
  Effect.map(Disk.Disk, ({ folder }) => Server.layer({ TOKENS_LIMIT: "-1", DATA_DIR: folder })),
).pipe(Layer.provideMerge(Disk.layer))

/** Every operation performed on an empty server: what was asked and answered, by contract and operation. */
export const tell = Effect.gen(function* () {
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
