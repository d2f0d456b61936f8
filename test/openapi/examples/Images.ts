import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { App } from "../../support/App"
import { Provider } from "../../support/Provider"
import { status } from "../../support/Provider/Script"
import type { Recorder } from "../Recorder"
import { withUnwritableStorage } from "../unwritableStorage"
import { nowhere } from "./People"

/** Pictures: one is drawn, looked at and thrown away. */
export const tellImages = Effect.fn(function* ({ recordRequest: ask, recordWithAuth: secured }: Recorder) {
  const app = yield* App
  const sql = yield* SqlClient.SqlClient
  const provider = yield* Provider
  const { id: user, token } = yield* app.newUser({ name: "Frida Kahlo" })
  const generate = "UniChat.generateImage"
  const body = {
    prompt: "A beautiful sunset over mountains",
    model: "openai/gpt-image-1",
    negative_prompt: "blurry, low quality",
  }
  yield* secured("UniChat.listImageModels", "models", "Those that draw", { token })
  yield* ask(generate, "VALIDATION_ERROR", "Without a prompt", { token, body: { model: body.model } })
  yield* ask(generate, "INVALID_INPUT_IMAGE", "From a private network", {
    token,
    body: { ...body, input_images: ["http://192.168.0.1/camera.png"] },
  })
  yield* provider.script(status(429, undefined, { "retry-after": "60" }))
  yield* ask(generate, "MODEL_RATE_LIMITED", "The provider has too much to do", { token, body })
  yield* withUnwritableStorage(ask(generate, "STORAGE_FAILED", "The disk does not take it", { token, body }))
  const drawn = yield* secured(generate, "drawn", "By its prompt", { token, body })
  const path = { id: drawn.at("image.id") }
  yield* secured("UniChat.favoriteImage", "favorite", "Made one", { token, path })
  yield* ask("UniChat.favoriteImage", "IMAGE_NOT_FOUND", "Another's, or none", { token, path: nowhere })
  yield* secured("UniChat.imageHistory", "listed", "The first page", { token })
  yield* ask("UniChat.imageHistory", "VALIDATION_ERROR", "A page that is none", {
    token,
    query: { page: "0" },
  })

  const file = { id: drawn.at("image.image_url").split("/").at(-1) ?? "" }
  yield* secured("Native.readFile", "whole", "A picture", { token, path: file })
  yield* ask("Native.readFile", "part", "Three bytes of it", {
    token,
    path: file,
    headers: { range: "bytes=1-3" },
  })
  yield* ask("Native.readFile", "FILE_NOT_FOUND", "Another's, or none", { token, path: nowhere })

  yield* secured("UniChat.deleteImage", "deleted", "For good", { token, path })
  yield* ask("UniChat.deleteImage", "IMAGE_NOT_FOUND", "It is gone", { token, path })
  yield* sql`update usage_accounts set tokens_limit = 1 where user_id = ${user}`
  yield* ask(generate, "TOKEN_LIMIT_REACHED", "The user's limit is used up", { token, body })
})
