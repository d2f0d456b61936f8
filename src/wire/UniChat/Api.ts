import { HttpApi, OpenApi } from "@effect/platform"
import { Limits } from "../frame/Annotations"
import { limits } from "../frame/LimitPolicy"
import { promptTemplates } from "./PromptTemplates/Api"

/** Uni-Chat's API beside accounts and health, whole. */
export const UniChatApi = HttpApi.make("UniChat")
  .add(promptTemplates)
  .annotate(Limits, limits.other)
  .annotate(OpenApi.Title, "Parley: UniChat")
  .annotate(
    OpenApi.Description,
    "Conversations with assistants, side by side or one by one, in plain objects with fields in snake_case.",
  )
