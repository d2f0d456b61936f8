import { Schema } from "effect"
import {
  type Assistant,
  AssistantFields,
  ParameterFields,
  Visibility,
} from "../../../domain/conversation/Assistants/Model"
import { Fields, named, optional, optionalNamed } from "../../frame/Fields"
import { Timestamp } from "../../frame/Params"

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
    uses_count: Schema.Int.annotations({ description: "How often it was copied from the gallery" }),
    saves_count: Schema.Int.annotations({ description: "In how many collections it is" }),
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
  temperature: optional(temperature),
  maxTokens: optionalNamed("max_tokens", maxTokens),
  topP: optionalNamed("top_p", topP),
  frequencyPenalty: optionalNamed("frequency_penalty", frequencyPenalty),
  presencePenalty: optionalNamed("presence_penalty", presencePenalty),
})

const rest = {
  modelName: optionalNamed("model_name", modelName).annotations({
    description: "The model's id, when left out with a new model",
  }),
  description: optional(description),
  avatar: optional(avatar),
  parameters: optional(Parameters),
  tags: optional(tags),
}

/** What a config, or a template, is made of. */
export const NewConfig = Fields({
  name,
  modelId: named("model_id", modelId),
  systemPrompt: named("system_prompt", systemPrompt),
  ...rest,
})

/** What is to change of one. */
export const ConfigChange = Fields({
  name: optional(name),
  modelId: optionalNamed("model_id", modelId),
  systemPrompt: optionalNamed("system_prompt", systemPrompt),
  ...rest,
})
