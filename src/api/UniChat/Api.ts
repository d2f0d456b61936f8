import { HttpApi, OpenApi } from "@effect/platform"
import { Limits } from "../../http/Annotations"
import { limits } from "../../http/RateLimitPolicy"
import { admin } from "./Admin/Api"
import { adminTemplates } from "./AdminTemplates/Api"
import { analytics } from "./Analytics/Api"
import { arena } from "./Arena/Api"
import { chat } from "./Chat/Api"
import { configs } from "./Configs/Api"
import { conversations } from "./Conversations/Api"
import { gallery } from "./Gallery/Api"
import { images } from "./Images/Api"
import { models } from "./Models/Api"
import { promptTemplates } from "./PromptTemplates/Api"
import { users } from "./Users/Api"

/** Uni-Chat's API beside accounts and health, whole. */
export const UniChatApi = HttpApi.make("UniChat")
  .add(conversations)
  .add(chat)
  .add(configs)
  .add(gallery)
  .add(arena)
  .add(images)
  .add(promptTemplates)
  .add(models)
  .add(users)
  .add(admin)
  .add(adminTemplates)
  .add(analytics)
  .annotate(Limits, limits.other)
  .annotate(OpenApi.Title, "Parley: UniChat")
  .annotate(
    OpenApi.Description,
    "Conversations with assistants, side by side or one by one, in plain objects with fields in snake_case.",
  )
