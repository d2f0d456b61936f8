import { Effect } from "effect"
import { Assistants } from "../../../src/domain/assistants/Assistants"
import type { NewAssistant } from "../../../src/domain/assistants/Assistants/Model"
import { SessionId, UserId } from "../../../src/domain/shared/Actor"
import { App, type TestUser } from "../../support/App"

/** A config of this person's; gives its id. */
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

/** Sends a message and waits for its answer. */
export const send = (person: TestUser, body: Readonly<Record<string, unknown>>) =>
  Effect.flatMap(App, (app) => app.request("POST", "/api/chat/send", { token: person.token, body }))

/** A person with a config, and a conversation with a title in which something was said. */
export const talking = Effect.gen(function* () {
  const app = yield* App
  const person = yield* app.newUser()
  const config = yield* newConfig(person)
  const body = { title: "React", config_id: config }
  const made = yield* app.request("POST", "/api/conversations", { token: person.token, body })
  const conversation = made.at("conversation.id")
  const sent = yield* send(person, {
    conversation_id: conversation,
    config_id: config,
    message: "What is React?",
  })
  return { app, person, config, sent, conversation }
})
