import { Effect } from "effect"
import { newConfig } from "../../../api/UniChat/chatFixtures"
import { App, type TestUser } from "../../../support/App"
import type { Sample } from "./Sample"

/** A session of this person's, of two configs. */
const ids = (person: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    const config_ids = [yield* newConfig(person), yield* newConfig(person)]
    const made = yield* app.request("POST", "/api/arena/sessions", {
      token: person.token,
      body: { config_ids },
    })
    return made.at("session.id")
  })

const nowhere = "01890000-0000-7000-8000-00000000000"

export const arena: Readonly<Record<string, Sample>> = {
  createArenaSession: {
    body: { config_ids: [`${nowhere}1`, `${nowhere}2`], title: "GPT vs Claude" },
  },
  getArenaSession: { ids },
  deleteArenaSession: { ids },
}
