import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { AssistantId } from "../../../domain/assistants/Assistants/Model"
import { ArenaSessionId, Title } from "../../../domain/conversations/Conversations/Model"
import { Fields, named, optionalNamed } from "../../../http/Fields"
import { SignedIn } from "../Authentication"
import { answer, Said } from "../Body"
import { ConfigBody } from "../Configs/Body"
import * as Errors from "../Errors"
import { listed, paging } from "../Paging"
import { ArenaMessageBody, ArenaSessionBody } from "./Body"

const NewSession = Fields({
  assistantIds: named(
    "config_ids",
    Schema.Array(AssistantId).annotations({
      description: "2 to 4 configs, all different",
      message: () => "must be a list",
    }),
  ),
  title: optionalNamed("title", Title).annotations({
    description: "The first words of the first message, when left out",
  }),
})

const path = "/api/arena/sessions"
const id = HttpApiSchema.param("id", ArenaSessionId.annotations({ description: "The session's id" }))

export const arena = HttpApiGroup.make("arena")
  .add(
    HttpApiEndpoint.post("createArenaSession", path)
      .setPayload(NewSession)
      .addSuccess(answer("The session", { session: ArenaSessionBody }), { status: 201 })
      .addError(Errors.WrongLanes)
      .addError(Errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Create an arena session")
      .annotate(
        OpenApi.Description,
        "Configs to compare. To say something to all of them, use Socket.IO: they answer side by side.",
      ),
  )
  .add(
    HttpApiEndpoint.get("listArenaSessions", path)
      .setUrlParams(Fields(paging(20)))
      .addSuccess(answer("A page of sessions", { sessions: Schema.Array(ArenaSessionBody), ...listed }))
      .annotate(OpenApi.Summary, "List arena sessions")
      .annotate(OpenApi.Description, "The user's own, those written to last first."),
  )
  .add(
    HttpApiEndpoint.get("getArenaSession")`/api/arena/sessions/${id}`
      .addSuccess(
        answer("The session, what was said in it, and its configs", {
          session: ArenaSessionBody,
          messages: Schema.Array(ArenaMessageBody),
          configs: Schema.Array(ConfigBody),
        }),
      )
      .addError(Errors.ArenaSessionNotFound)
      .annotate(OpenApi.Summary, "Get an arena session")
      .annotate(
        OpenApi.Description,
        "With its messages, oldest first: each of the user's once, and after it the answers, in the order of `config_ids`. A config that was deleted meanwhile, or is to be seen no more, is not among `configs`.",
      ),
  )
  .add(
    HttpApiEndpoint.del("deleteArenaSession")`/api/arena/sessions/${id}`
      .addSuccess(Said)
      .addError(Errors.ArenaSessionNotFound)
      .annotate(OpenApi.Summary, "Delete an arena session")
      .annotate(OpenApi.Description, "With its messages. Answers that are being written stop."),
  )
  .middleware(SignedIn)
  .annotate(OpenApi.Title, "Arena")
  .annotate(OpenApi.Description, "The same messages to several configs, whose answers stand side by side.")
