import { HttpApi, OpenApi } from "@effect/platform"
import { RateLimits } from "../../http/Annotations"
import { rateLimits } from "../../http/RateLimitPolicy"
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

/** The UniChat HTTP API, except accounts and health, which other contracts declare. */
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
  .annotate(RateLimits, rateLimits.other)
  .annotate(OpenApi.Title, "Parley: UniChat")
  .annotate(
    OpenApi.Description,
    "Conversations with assistants, one at a time or compared side by side. Responses are plain objects with snake_case fields.",
  )
