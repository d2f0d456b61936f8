import { Effect } from "effect"
import { App, type TestUser } from "../../../support/App"
import type { Sample } from "./Sample"

/** Configures a provider for this user, unless it is configured already. */
const ids = ({ token }: TestUser) =>
  Effect.gen(function* () {
    const app = yield* App
    yield* app.request("POST", "/api/provider-configs", { token, body: { provider: "openai" } })
    return "openai"
  })

export const providerConfigs: Readonly<Record<string, Sample>> = {
  createProviderConfig: { nullable: ["defaultModel"] },
  getProviderConfig: { ids },
  updateProviderConfig: {
    ids,
    body: { enabled: true, defaultModel: "scripted" },
    nullable: ["defaultModel"],
  },
  deleteProviderConfig: { ids },
  llmModels: { query: "?provider=openai" },
}
