import { Schema } from "effect"
import {
  type Assistant,
  AssistantFields,
  ParameterFields,
  Visibility,
} from "../../../domain/assistants/Assistants/Model"
import { Fields, optionalRenamed, renamed } from "../../../http/Fields"
import { Timestamp } from "../../../http/Params"

/** A model with instructions: a user's config, an entry of the gallery, a template. */
export const ConfigBody = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  model_id: Schema.String.annotations({ description: "`provider/name`" }),
  model_name: Schema.String,
  owner_id: Schema.String,
  visibility: Visibility,
  description: Schema.String,
  system_prompt: Schema.String,
  avatar: Schema.String,
  parameters: Schema.Struct({
    temperature: Schema.Number,
    max_tokens: Schema.Int,
    top_p: Schema.Number,
    frequency_penalty: Schema.Number,
    presence_penalty: Schema.Number,
  }),
  tags: Schema.Array(Schema.String),
  stats: Schema.Struct({
    uses_count: Schema.Int.annotations({ description: "Number of copies made from the gallery" }),
    saves_count: Schema.Int.annotations({ description: "Number of users who saved it" }),
  }),
  created_at: Timestamp,
  updated_at: Timestamp,
}).annotations({ identifier: "Config" })

export const toConfig = (assistant: Assistant): typeof ConfigBody.Type => ({
  id: assistant.id,
  name: assistant.name,
  model_id: assistant.modelId,
  model_name: assistant.modelName,
  owner_id: assistant.ownerId,
  visibility: assistant.visibility,
  description: assistant.description,
  system_prompt: assistant.systemPrompt,
  avatar: assistant.avatar,
  parameters: {
    temperature: assistant.parameters.temperature,
    max_tokens: assistant.parameters.maxTokens,
    top_p: assistant.parameters.topP,
    frequency_penalty: assistant.parameters.frequencyPenalty,
    presence_penalty: assistant.parameters.presencePenalty,
  },
  tags: assistant.tags,
  stats: { uses_count: assistant.usesCount, saves_count: assistant.savesCount },
  created_at: assistant.createdAt.toISOString(),
  updated_at: assistant.updatedAt.toISOString(),
})

const { name, modelId, modelName, description, systemPrompt, avatar, tags } = AssistantFields
const { temperature, maxTokens, topP, frequencyPenalty, presencePenalty } = ParameterFields

const Parameters = Fields({
  temperature: optionalRenamed("temperature", temperature).annotations({
    description: "Sampling temperature: 0 to 2",
  }),
  maxTokens: optionalRenamed("max_tokens", maxTokens).annotations({
    description: "Maximum number of tokens in an answer",
  }),
  topP: optionalRenamed("top_p", topP).annotations({
    description: "Nucleus sampling: probability mass of the tokens to choose from, 0 to 1",
  }),
  frequencyPenalty: optionalRenamed("frequency_penalty", frequencyPenalty).annotations({
    description: "Penalty for tokens by how often they occurred: -2 to 2",
  }),
  presencePenalty: optionalRenamed("presence_penalty", presencePenalty).annotations({
    description: "Penalty for tokens that occurred at all: -2 to 2",
  }),
})

const fieldDocs = {
  name: { description: "The name" },
  modelId: { description: "The model that answers: `provider/name`" },
  systemPrompt: { description: "The system prompt, sent to the model before the conversation" },
}

const optionalFields = {
  modelName: optionalRenamed("model_name", modelName).annotations({
    description: "Defaults to the model's id if `model_id` is set without it",
  }),
  description: optionalRenamed("description", description).annotations({
    description: "The purpose, for people",
  }),
  avatar: optionalRenamed("avatar", avatar).annotations({ description: "An image URL or an emoji" }),
  parameters: optionalRenamed("parameters", Parameters).annotations({
    description: "Sampling parameters, each optional",
  }),
  tags: optionalRenamed("tags", tags).annotations({ description: "Tags to filter by, at most 20" }),
}

/** The fields of a new config or template. */
export const NewConfig = Fields({
  name: renamed("name", name).annotations(fieldDocs.name),
  modelId: renamed("model_id", modelId).annotations(fieldDocs.modelId),
  systemPrompt: renamed("system_prompt", systemPrompt).annotations(fieldDocs.systemPrompt),
  ...optionalFields,
})

/** The fields of a config or template to change; absent fields stay unchanged. */
export const ConfigChange = Fields({
  name: optionalRenamed("name", name).annotations(fieldDocs.name),
  modelId: optionalRenamed("model_id", modelId).annotations(fieldDocs.modelId),
  systemPrompt: optionalRenamed("system_prompt", systemPrompt).annotations(fieldDocs.systemPrompt),
  ...optionalFields,
})
