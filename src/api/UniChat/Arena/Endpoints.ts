import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { AssistantId } from "../../../domain/assistants/Assistants/Model"
import { ArenaSessionId, Title } from "../../../domain/conversations/Conversations/Model"
import { Authenticated } from "../../../http/Authenticated"
import { example } from "../../../http/Example"
import { Fields, optionalRenamed, renamed } from "../../../http/Fields"
import { body, bodyOf, messageBody } from "../Body"
import { ConfigBody } from "../Configs/Body"
import { errors } from "../Errors"
import { pageFields, pageParams } from "../Paging"
import { ArenaMessageBody, ArenaSessionBody, sessionExample } from "./Body"

const NewSession = Fields({
  assistantIds: renamed(
    "config_ids",
    Schema.Array(AssistantId).annotations({
      description: "2 to 4 configs, all different",
      message: () => "must be a list",
    }),
  ),
  title: optionalRenamed("title", Title).annotations({
    description: "Defaults to the first words of the first message",
  }),
}).annotations(example({ config_ids: sessionExample.config_ids, title: sessionExample.title }))

const path = "/api/arena/sessions"
const id = HttpApiSchema.param(
  "id",
  ArenaSessionId.annotations({ description: "The session's id", ...example(sessionExample.id) }),
)

export const endpoints = HttpApiGroup.make("arena")
  .add(
    HttpApiEndpoint.post("createArenaSession", path)
      .setPayload(NewSession)
      .addSuccess(bodyOf("The session", "session", ArenaSessionBody), { status: 201 })
      .addError(errors.InvalidAssistantCount)
      .addError(errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Create an arena session")
      .annotate(
        OpenApi.Description,
        "Creates a session that compares configs. Messages to the session are sent over Socket.IO.",
      ),
  )
  .add(
    HttpApiEndpoint.get("listArenaSessions", path)
      .setUrlParams(Fields(pageParams(20)))
      .addSuccess(body("A page of sessions", pageFields("sessions", ArenaSessionBody)))
      .annotate(OpenApi.Summary, "List arena sessions")
      .annotate(OpenApi.Description, "Returns a page of the caller's sessions, most recently used first."),
  )
  .add(
    HttpApiEndpoint.get("getArenaSession")`/api/arena/sessions/${id}`
      .addSuccess(
        body("The session, its messages and its configs", {
          session: ArenaSessionBody,
          messages: Schema.Array(ArenaMessageBody),
          assistants: renamed("configs", Schema.Array(ConfigBody)),
        }),
      )
      .addError(errors.ArenaSessionNotFound)
      .annotate(OpenApi.Summary, "Get an arena session")
      .annotate(
        OpenApi.Description,
        "Returns the session with its messages, oldest first: each of the user's messages once, followed by its answers in the order of `config_ids`. Configs that were deleted, or that the caller can no longer see, are missing from `configs`.",
      ),
  )
  .add(
    HttpApiEndpoint.del("deleteArenaSession")`/api/arena/sessions/${id}`
      .addSuccess(messageBody("Session deleted"))
      .addError(errors.ArenaSessionNotFound)
      .annotate(OpenApi.Summary, "Delete an arena session")
      .annotate(
        OpenApi.Description,
        "Deletes the session with its messages, and stops answers that are being generated.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Arena")
  .annotate(OpenApi.Description, "Send the same message to several configs and compare their answers.")
