import { defineContract } from "../../http/Contract"
import { commonErrorBody } from "../../http/ErrorBody"
import { rateLimits } from "../../http/RateLimitPolicy"
import { admin } from "./Admin/Handlers"
import { adminTemplates } from "./AdminConfigTemplates/Handlers"
import { analytics } from "./Analytics/Handlers"
import { arena } from "./Arena/Handlers"
import { chat } from "./Chat/Handlers"
import { configs } from "./Configs/Handlers"
import { conversations } from "./Conversations/Handlers"
import { gallery } from "./Gallery/Handlers"
import { images } from "./Images/Handlers"
import { models } from "./Models/Handlers"
import { promptTemplates } from "./PromptTemplates/Handlers"
import { events } from "./Socket/Events"
import { users } from "./Users/Handlers"

/** The UniChat contract, except accounts and health, which the Account contract serves. */
export const UniChat = defineContract({
  name: "UniChat",
  title: "Parley: UniChat",
  description:
    "Conversations with assistants, one at a time or compared side by side. Responses are plain objects with snake_case fields.",
  errorBody: commonErrorBody,
  resources: [
    conversations,
    chat,
    configs,
    gallery,
    arena,
    images,
    promptTemplates,
    models,
    users,
    admin,
    adminTemplates,
    analytics,
  ],
  rateLimits: rateLimits.other,
  socket: events,
})
