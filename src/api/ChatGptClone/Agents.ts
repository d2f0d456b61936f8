import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { Agents } from "../../domain/assistants/Agents"
import { AssistantId } from "../../domain/assistants/Assistants/Model"
import { Authenticated } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { Fields } from "../../http/Fields"
import { OptionalTextParam } from "../../http/Params"
import { defineResource } from "../../http/Resource"
import { bodyOf } from "./Body"
import { errors } from "./Errors"
import { ranged, rangeFields, rangeParams } from "./Paging"

const agentId = "00000000-0000-7000-8000-000000000004"

const Agent = Schema.Struct({
  id: AssistantId,
  name: Schema.String,
  description: Schema.String,
  category: Schema.String,
  avatar: Schema.String.annotations({ description: "An emoji or the URL of an image" }),
  usesCount: Schema.Int.annotations({ description: "How many times it was set for a chat or copied" }),
}).annotations({
  identifier: "Agent",
  ...example({
    id: agentId,
    name: "Code Reviewer",
    description: "Reviews code for bugs, security and readability.",
    category: "development",
    avatar: "🔍",
    usesCount: 12,
  }),
})

const id = HttpApiSchema.param(
  "id",
  AssistantId.annotations({ description: "The agent's id", ...example(agentId) }),
)

const listBody = Schema.Struct(rangeFields("agents", Agent)).annotations({ description: "A range of agents" })

const endpoints = HttpApiGroup.make("agents")
  .add(
    HttpApiEndpoint.get("listAgents", "/api/agents")
      .setUrlParams(
        Fields({ ...rangeParams(), category: OptionalTextParam("Only agents of this category") }).annotations(
          example({ category: "development" }),
        ),
      )
      .addSuccess(listBody)
      .annotate(OpenApi.Summary, "List agents")
      .annotate(
        OpenApi.Description,
        "Returns the agents that are shipped with Parley, then templates and published configs, most used first.",
      ),
  )
  .add(
    HttpApiEndpoint.get("agentCategories", "/api/agents/categories")
      .addSuccess(
        bodyOf(
          "The categories",
          "categories",
          Schema.Array(Schema.String).annotations(example(["development", "writing"])),
        ),
      )
      .annotate(OpenApi.Summary, "List categories of agents")
      .annotate(OpenApi.Description, "Returns the categories that have agents, the largest first."),
  )
  .add(
    HttpApiEndpoint.get("popularAgents", "/api/agents/popular")
      .setUrlParams(Fields(rangeParams()))
      .addSuccess(listBody)
      .annotate(OpenApi.Summary, "List popular agents")
      .annotate(OpenApi.Description, "Returns the agents, most used first."),
  )
  .add(
    HttpApiEndpoint.get("getAgent")`/api/agents/${id}`
      .addSuccess(bodyOf("The agent", "agent", Agent))
      .addError(errors.AssistantNotFound)
      .annotate(OpenApi.Summary, "Get an agent")
      .annotate(OpenApi.Description, "Returns an agent without its instructions."),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Agents")
  .annotate(OpenApi.Description, "Assistants that everyone may use in a chat.")

export const agents = defineResource({
  group: endpoints,
  prefixes: ["/api/agents"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const agents = yield* Agents
      return handlers
        .handle("listAgents", ({ urlParams }) =>
          ranged(urlParams, (range) => agents.list(urlParams.category, range)),
        )
        .handle("agentCategories", () => agents.categories)
        .handle("popularAgents", ({ urlParams }) => ranged(urlParams, agents.popular))
        .handle("getAgent", ({ path }) => agents.get(path.id))
    }),
})
