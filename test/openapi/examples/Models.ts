import { Effect } from "effect"
import { Provider } from "../../support/Provider"
import type { Recorder } from "../Recorder"
import type { Told } from "./People"

/** Models: what the provider lists, until it cannot be asked any more. */
export const tellModels = Effect.fn(function* (
  { recordRequest: ask, recordWithAuth: secured }: Recorder,
  { user: token }: Told,
) {
  const provider = yield* Provider
  yield* secured("UniChat.listModels", "models", "All of them", { token })
  yield* secured("UniChat.modelCategories", "categories", "By maker", { token })
  const get = "UniChat.getModel"
  yield* secured(get, "model", "One with slashes in its id", {
    token,
    path: { model_id: "openai/anthropic/claude-3-sonnet" },
  })
  yield* ask(get, "MODEL_NOT_FOUND", "There is none", { token, path: { model_id: "openai/none" } })
  const refresh = "UniChat.refreshModels"
  yield* secured(refresh, "refreshed", "Asked for anew", { token })
  yield* provider.setListResponse(() => new Response(null, { status: 503 }))
  yield* ask(refresh, "MODELS_UNAVAILABLE", "No provider answers", { token })
})
