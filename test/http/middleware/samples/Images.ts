import { Effect } from "effect"
import { App, type TestUser } from "../../../support/App"
import type { Sample } from "./Sample"

const wanted = {
  prompt: "A sunset",
  model: "openai/gpt-image-1",
  negative_prompt: "blurry",
  input_images: [],
}

const drawn = ({ token }: TestUser) =>
  Effect.flatMap(App, (app) => app.request("POST", "/api/image-gen/generate", { token, body: wanted }))

const ids = (person: TestUser) => Effect.map(drawn(person), (made) => made.at("image.id"))

export const images: Readonly<Record<string, Sample>> = {
  generateImage: { body: wanted },
  deleteImage: { ids },
  favoriteImage: { ids },
  readFile: {
    ids: (person) => Effect.map(drawn(person), (made) => made.at("image.image_url").split("/").at(-1) ?? ""),
  },
}
