import { Effect } from "effect"
import { newConfig } from "../../../api/UniChat/chatFixtures"
import { App, type TestUser } from "../../../support/App"
import type { Sample } from "./Sample"

/** Creates an arena session of this user with two configs. */
const ids = (user: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const config_ids = [yield* newConfig(user), yield* newConfig(user)]
    const created = yield* app.request("POST", "/api/arena/sessions", {
      token: user.token,
      body: { config_ids },
    })
    return created.at("session.id")
  })

const nowhere = "01890000-0000-7000-8000-00000000000"

export const arena: Readonly<Record<string, Sample>> = {
  createArenaSession: {
    body: { config_ids: [`${nowhere}1`, `${nowhere}2`], title: "GPT vs Claude" },
  },
  getArenaSession: { ids },
  deleteArenaSession: { ids },
}
