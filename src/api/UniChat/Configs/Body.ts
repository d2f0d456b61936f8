import { Schema } from "effect"
import {
  type Assistant,
  AssistantFields,
  AssistantId,
  defaultParameters,
  ParameterFields,
  type Parameters,
  type Visibility,
} from "../../../domain/assistants/Assistants/Model"
import { UserId } from "../../../domain/shared/Actor"
import { example } from "../../../http/Example"
import { encodeOnly, Fields, optionalRenamed, renamed } from "../../../http/Fields"

export const configExample = {
  id: "019bc0f1-2bb9-7c3a-9d52-d91b1d3474c0",
  name: "Code Assistant",
  model_id: "anthropic/claude-3-sonnet",
  model_name: "Claude 3 Sonnet",
  owner_id: "019bc0f1-2b84-7c3a-9d52-1a1cb2025a45",
  visibility: "private",
  description: "Helpful coding assistant",
  system_prompt: "You are a helpful coding assistant.",
  avatar: "👨‍💻",
  parameters: { temperature: 0.7, max_tokens: 2048, top_p: 1, frequency_penalty: 0, presence_penalty: 0 },
  tags: ["coding", "development"],
  stats: { uses_count: 0, saves_count: 0 },
  created_at: "2026-01-15T09:46:48.000Z",
  updated_at: "2026-01-15T09:46:48.000Z",
}

/** Who sees a config. The ones that are shipped with Parley are templates here. */
export const ConfigVisibility = encodeOnly(
  Schema.Literal("private", "public", "template"),
  (visibility: Visibility) => (visibility === "built_in" ? "template" : visibility),
)

export const configFields = {
  id: AssistantId,
  name: Schema.String,
  modelId: renamed("model_id", Schema.String.annotations({ description: "`provider/name`" })),
  modelName: renamed("model_name", Schema.String),
  ownerId: renamed(
    "owner_id",
    Schema.NullOr(UserId).annotations({ description: "Null for templates that are shipped with Parley" }),
  ),
  visibility: ConfigVisibility,
  description: Schema.String,
  systemPrompt: renamed("system_prompt", Schema.String),
  avatar: Schema.String,
  parameters: encodeOnly(
    Schema.Struct({
      temperature: Schema.Number,
      max_tokens: Schema.Int,
      top_p: Schema.Number,
      frequency_penalty: Schema.Number,
      presence_penalty: Schema.Number,
    }),
    (chosen: Partial<Parameters>) => {
      const shown = { ...defaultParameters, ...chosen }
      return {
        temperature: shown.temperature,
        max_tokens: shown.maxTokens,
        top_p: shown.topP,
        frequency_penalty: shown.frequencyPenalty,
        presence_penalty: shown.presencePenalty,
      }
    },
  ),
  tags: Schema.Array(Schema.String),
  stats: encodeOnly(
    Schema.Struct({
      uses_count: Schema.Int.annotations({
        description: "Number of copies that users made from the gallery",
      }),
      saves_count: Schema.Int.annotations({ description: "Number of users who saved it" }),
    }),
    ({ usesCount, savesCount }: Assistant) => ({ uses_count: usesCount, saves_count: savesCount }),
  ),
  createdAt: renamed("created_at", Schema.Date),
  updatedAt: renamed("updated_at", Schema.Date),
}

/** The body of an assistant, which this contract calls a config: a user's own, a gallery entry or a template. */
export const ConfigBody = encodeOnly(Schema.Struct(configFields), (assistant: Assistant) => ({
  ...assistant,
  stats: assistant,
})).annotations({ identifier: "Config", ...example(configExample) })

const { name, modelId, modelName, description, systemPrompt, avatar, tags } = AssistantFields
const { temperature, maxTokens, topP, frequencyPenalty, presencePenalty } = ParameterFields

const ParametersChange = Fields({
  temperature: optionalRenamed("temperature", temperature).annotations({
    description: "Sampling temperature: 0 to 2",
  }),
  maxTokens: optionalRenamed("max_tokens", maxTokens).annotations({
    description: "Maximum length of an answer, in tokens",
  }),
  topP: optionalRenamed("top_p", topP).annotations({
    description: "Nucleus sampling: the probability mass of the tokens to choose from, 0 to 1",
  }),
  frequencyPenalty: optionalRenamed("frequency_penalty", frequencyPenalty).annotations({
    description: "Penalty for each token, by how often it has occurred: -2 to 2",
  }),
  presencePenalty: optionalRenamed("presence_penalty", presencePenalty).annotations({
    description: "Penalty for each token that has occurred: -2 to 2",
  }),
})

const fieldDocs = {
  name: { description: "The display name" },
  modelId: { description: "The model that answers: `provider/name`" },
  systemPrompt: { description: "The system prompt, sent to the model before the conversation" },
}

const optionalFields = {
  modelName: optionalRenamed("model_name", modelName).annotations({
    description: "The model's display name; defaults to `model_id` when that is set",
  }),
  description: optionalRenamed("description", description).annotations({
    description: "A description for users",
  }),
  avatar: optionalRenamed("avatar", avatar).annotations({ description: "An image URL or an emoji" }),
  parameters: optionalRenamed("parameters", ParametersChange).annotations({
    description: "Sampling parameters, each optional",
  }),
  tags: optionalRenamed("tags", tags).annotations({ description: "Tags for filtering, up to 20" }),
}

/** The fields of a new assistant: a config or a template. */
export const NewConfig = Fields({
  name: renamed("name", name).annotations(fieldDocs.name),
  modelId: renamed("model_id", modelId).annotations(fieldDocs.modelId),
  systemPrompt: renamed("system_prompt", systemPrompt).annotations(fieldDocs.systemPrompt),
  ...optionalFields,
}).annotations(
  example({
    name: configExample.name,
    model_id: configExample.model_id,
    model_name: configExample.model_name,
    description: configExample.description,
    system_prompt: configExample.system_prompt,
    avatar: configExample.avatar,
    parameters: configExample.parameters,
    tags: configExample.tags,
  }),
)

/** The fields of an assistant to change; absent fields stay unchanged. */
export const ConfigChange = Fields({
  name: optionalRenamed("name", name).annotations(fieldDocs.name),
  modelId: optionalRenamed("model_id", modelId).annotations(fieldDocs.modelId),
  systemPrompt: optionalRenamed("system_prompt", systemPrompt).annotations(fieldDocs.systemPrompt),
  ...optionalFields,
}).annotations(example({ name: "Updated Name", parameters: { temperature: 0.2 }, tags: ["updated", "tags"] }))
