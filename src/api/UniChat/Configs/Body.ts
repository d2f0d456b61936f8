import { Schema } from "effect"
import {
  type Assistant,
  AssistantFields,
  ParameterFields,
  Visibility,
} from "../../../domain/assistants/Assistants/Model"
import { Fields, named, optionalNamed } from "../../../http/Fields"
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
  temperature: optionalNamed("temperature", temperature).annotations({
    description: "How much is left to chance: 0 to 2",
  }),
  maxTokens: optionalNamed("max_tokens", maxTokens).annotations({
    description: "The most that an answer may take",
  }),
  topP: optionalNamed("top_p", topP).annotations({
    description: "The share of likely words to choose from: 0 to 1",
  }),
  frequencyPenalty: optionalNamed("frequency_penalty", frequencyPenalty).annotations({
    description: "Against saying the same often: -2 to 2",
  }),
  presencePenalty: optionalNamed("presence_penalty", presencePenalty).annotations({
    description: "Against coming back to the same: -2 to 2",
  }),
})

const said = {
  name: { description: "What it is called" },
  modelId: { description: "The model that answers: `provider/name`" },
  systemPrompt: { description: "What the model is told before anything is said" },
}

const rest = {
  modelName: optionalNamed("model_name", modelName).annotations({
    description: "The model's id, when left out with a new model",
  }),
  description: optionalNamed("description", description).annotations({
    description: "What it is for, for people",
  }),
  avatar: optionalNamed("avatar", avatar).annotations({ description: "A picture's address, or an emoji" }),
  parameters: optionalNamed("parameters", Parameters).annotations({
    description: "How the model answers; each may be left out",
  }),
  tags: optionalNamed("tags", tags).annotations({ description: "What to find it by, at most 20" }),
}

/** What a config, or a template, is made of. */
export const NewConfig = Fields({
  name: named("name", name).annotations(said.name),
  modelId: named("model_id", modelId).annotations(said.modelId),
  systemPrompt: named("system_prompt", systemPrompt).annotations(said.systemPrompt),
  ...rest,
})

/** What is to change of one. */
export const ConfigChange = Fields({
  name: optionalNamed("name", name).annotations(said.name),
  modelId: optionalNamed("model_id", modelId).annotations(said.modelId),
  systemPrompt: optionalNamed("system_prompt", systemPrompt).annotations(said.systemPrompt),
  ...rest,
})
