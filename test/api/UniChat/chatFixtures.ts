import { Effect } from "effect"
import { Assistants } from "../../../src/domain/assistants/Assistants"
import type { NewAssistant } from "../../../src/domain/assistants/Assistants/Model"
import { SessionId, UserId } from "../../../src/domain/shared/Actor"
import { App, type TestUser } from "../../support/App"

/** Creates a config owned by the user and returns its id. */
export const newConfig = ({ id }: TestUser, fields: Partial<NewAssistant> = {}) =>
  Effect.gen(function* () {
    const assistants = yield* Assistants
    const actor = { userId: UserId.make(id), sessionId: SessionId.make(id), role: "user" as const }
    const { id: config } = yield* assistants.create(actor, {
      name: "Code Assistant",
      modelId: "openai/scripted",
      systemPrompt: "You are a helpful coding assistant.",
      ...fields,
    })
    return config
  })

/** Sends a message and returns the response, which contains its answer. */
export const send = (user: TestUser, body: Readonly<Record<string, unknown>>) =>
  Effect.flatMap(App, (app) => app.request("POST", "/api/chat/send", { token: user.token, body }))

/** Creates a user, a config and a titled conversation that contains one message and its answer. */
export const seedConversation = Effect.gen(function* () {
  const app = yield* App
  const user = yield* app.newUser()
  const config = yield* newConfig(user)
  const body = { title: "React", config_id: config }
  const created = yield* app.request("POST", "/api/conversations", { token: user.token, body })
  const conversation = created.at("conversation.id")
  const sent = yield* send(user, {
    conversation_id: conversation,
    config_id: config,
    message: "What is React?",
  })
  return { app, user, config, sent, conversation }
})
