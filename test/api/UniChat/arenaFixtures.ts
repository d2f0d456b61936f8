import { Effect, Stream } from "effect"
import type { AssistantId } from "../../../src/domain/assistants/Assistants/Model"
import { Arena } from "../../../src/domain/chat/Arena"
import type { ArenaSessionId } from "../../../src/domain/conversations/Conversations/Model"
import { type Actor, SessionId, UserId } from "../../../src/domain/shared/Actor"
import type { TestUser } from "../../support/App"
import { newConfig } from "./chatFixtures"

/** Creates `count` configs owned by the user, each with its own name and model, and returns their ids. */
export const newConfigs = (user: TestUser, count: number) =>
  Effect.forEach(["Claude", "Gemini", "GPT", "Llama", "Qwen"].slice(0, count), (name) =>
    newConfig(user, { name, modelId: `openai/${name.toLowerCase()}` }),
  )

/** Returns the domain actor of a test user. */
export const actorOf = ({ id }: TestUser): Actor => ({
  userId: UserId.make(id),
  sessionId: SessionId.make(id),
  role: "user",
})

/** Sends a message to a session, or to a new one without `sessionId`, and waits for all answers. */
export const compare = (
  user: TestUser,
  assistantIds: ReadonlyArray<AssistantId>,
  content: string,
  sessionId?: ArenaSessionId,
) =>
  Effect.gen(function* () {
    const sent = yield* (yield* Arena).send(actorOf(user), { sessionId, assistantIds, content })
    yield* Effect.forEach(sent.lanes, ({ events }) => Stream.runDrain(events), { concurrency: "unbounded" })
    return sent
  })
