import { HttpApiBuilder } from "@effect/platform"
import { Layer } from "effect"
import * as Contract from "../../http/Contract"
import { authMiddleware } from "../../http/middleware/authMiddleware"
import { admin } from "./Admin/Http"
import { adminTemplates } from "./AdminTemplates/Http"
import { analytics } from "./Analytics/Http"
import { UniChatApi } from "./Api"
import { arena } from "./Arena/Http"
import { Authentication } from "./Authentication"
import { errorShape } from "./Body"
import { chat } from "./Chat/Http"
import { configs } from "./Configs/Http"
import { conversations } from "./Conversations/Http"
import examples from "./examples.json" with { type: "json" }
import { gallery } from "./Gallery/Http"
import { images } from "./Images/Http"
import { models } from "./Models/Http"
import { promptTemplates } from "./PromptTemplates/Http"
import { events } from "./Socket/Events"
import { users } from "./Users/Http"

/** The UniChat contract with its handlers, error shape, examples and socket events. */
export const UniChat = Contract.make({
  name: "UniChat",
  api: UniChatApi,
  layer: HttpApiBuilder.api(UniChatApi).pipe(
    Layer.provide([
      images,
      conversations,
      chat,
      configs,
      gallery,
      arena,
      promptTemplates,
      models,
      users,
      admin,
      adminTemplates,
      analytics,
    ]),
    Layer.provide(authMiddleware(Authentication)),
  ),
  prefixes: [
    "/api/conversations",
    "/api/chat",
    "/api/configs",
    "/api/gallery",
    "/api/image-gen",
    "/api/arena",
    "/api/prompt-templates",
    "/api/models",
    "/api/admin",
    "/api/users",
  ],
  errors: errorShape,
  examples,
  events,
})
