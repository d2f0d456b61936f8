import { Effect } from "effect"
import { App, type TestUser } from "../../../support/App"
import type { Sample } from "./Sample"

const input = {
  prompt: "A sunset",
  model: "openai/gpt-image-1",
  negative_prompt: "blurry",
  input_images: [],
}

const generated = ({ token }: TestUser) =>
  Effect.flatMap(App, (app) => app.request("POST", "/api/image-gen/generate", { token, body: input }))

const ids = (user: TestUser) => Effect.map(generated(user), (created) => created.at("image.id"))

export const images: Readonly<Record<string, Sample>> = {
  generateImage: { body: input },
  deleteImage: { ids },
  favoriteImage: { ids },
}
