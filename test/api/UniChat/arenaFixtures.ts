import { Effect, Stream } from "effect"
import type { AssistantId } from "../../../src/domain/assistants/Assistants/Model"
import { Arena } from "../../../src/domain/chat/Arena"
import type { ArenaSessionId } from "../../../src/domain/conversations/Conversations/Model"
import { type Actor, SessionId, UserId } from "../../../src/domain/shared/Actor"
import type { TestUser } from "../../support/App"
import { newConfig } from "./chatFixtures"

/** So many configs of this person's, each with a name and a model of its own; gives their ids. */
export const newConfigs = (person: TestUser, count: number) =>
  Effect.forEach(["Claude", "Gemini", "GPT", "Llama", "Qwen"].slice(0, count), (name) =>
    newConfig(person, { name, modelId: `openai/${name.toLowerCase()}` }),
  )

/** This person as the domain knows them. */
export const actorOf = ({ id }: TestUser): Actor => ({
  userId: UserId.make(id),
  sessionId: SessionId.make(id),
  role: "user",
})

/** Says something in a session, or a new one, and waits for all answers. */
export const compare = (
  person: TestUser,
  assistantIds: ReadonlyArray<AssistantId>,
  content: string,
  sessionId?: ArenaSessionId,
) =>
  Effect.gen(function* () {
    const sent = yield* (yield* Arena).send(actorOf(person), { sessionId, assistantIds, content })
    yield* Effect.forEach(sent.lanes, ({ events }) => Stream.runDrain(events), { concurrency: "unbounded" })
    return sent
  })
