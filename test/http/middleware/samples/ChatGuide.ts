import { Effect } from "effect"
import { App, type TestUser } from "../../../support/App"
import type { Sample } from "./Sample"

const ids = (user: TestUser) => Effect.flatMap(App, (app) => app.newChat(user))

export const chatGuide: Readonly<Record<string, Sample>> = {
  createChat: { nullable: ["title"] },
  getChat: { ids },
  listMessages: { ids },
  streamMessage: { ids, query: "?content=hi" },
}
