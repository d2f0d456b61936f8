import { Schema } from "effect"
import { UserId } from "../../shared/Actor"
import { Uuid } from "../../shared/Ids"
import { MultilineText, SingleLineText } from "../../shared/Text"

/** An assistant's id: a UUID, version 7. */
export const AssistantId = Uuid.pipe(Schema.brand("AssistantId"))
export type AssistantId = typeof AssistantId.Type

const between = (min: number, max: number) =>
  Schema.JsonNumber.pipe(
    Schema.between(min, max, { message: () => `must be a number between ${min} and ${max}` }),
  )

/** Schemas of the sampling parameters, bounded as providers accept them. */
export const ParameterFields = {
  temperature: between(0, 2),
  maxTokens: Schema.Int.pipe(
    Schema.between(1, 1_000_000, { message: () => "must be a whole number between 1 and 1000000" }),
  ),
  topP: between(0, 1),
  frequencyPenalty: between(-2, 2),
  presencePenalty: between(-2, 2),
}

const Parameters = Schema.Struct({
  temperature: Schema.Number,
  /** Maximum length of an answer, in tokens. */
  maxTokens: Schema.Int,
  topP: Schema.Number,
  frequencyPenalty: Schema.Number,
  presencePenalty: Schema.Number,
})
export type Parameters = typeof Parameters.Type

/** The parameters that a client is shown for those that nobody chose; models get none of these. */
export const defaultParameters: Parameters = {
  temperature: 0.7,
  maxTokens: 2048,
  topP: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
}

const MAX_NAME_LENGTH = 100

/** Schemas of the fields that a user provides. */
export const AssistantFields = {
  name: SingleLineText(1, MAX_NAME_LENGTH),
  modelId: SingleLineText(1, 200),
  modelName: SingleLineText(1, 200),
  description: MultilineText(0, 2000),
  systemPrompt: MultilineText(1, 50_000),
  avatar: SingleLineText(0, 200),
  tags: Schema.Array(SingleLineText(1, 50)).pipe(
    Schema.maxItems(20, { message: () => "must be at most 20 tags" }),
  ),
}

/** Private to its owner, published in the gallery, a template provided by administrators, or shipped with Parley. */
export const Visibility = Schema.Literal("private", "public", "template", "built_in")
export type Visibility = typeof Visibility.Type

/** A model with instructions and parameters. Contracts call it a config, a gallery entry or a template. */
export const Assistant = Schema.Struct({
  id: AssistantId,
  /** Null for the built-in ones. */
  ownerId: Schema.NullOr(UserId),
  name: Schema.String,
  /** `provider/name`, as in the model catalog; the server's default model if it has none of its own. */
  modelId: Schema.String,
  /** Whether it names a model itself. One that does not is instructions alone, which RealMultiLLM calls a persona. */
  hasOwnModel: Schema.Boolean,
  modelName: Schema.String,
  visibility: Visibility,
  description: Schema.String,
  systemPrompt: Schema.String,
  avatar: Schema.String,
  /** Those that somebody chose. Models may refuse any of them, so that others are not sent. */
  parameters: Schema.partialWith(Parameters, { exact: true }),
  tags: Schema.Array(Schema.String),
  /** How many times it was copied from the gallery. */
  usesCount: Schema.Int,
  /** How many users have saved it. */
  savesCount: Schema.Int,
  createdAt: Schema.DateFromSelf,
  updatedAt: Schema.DateFromSelf,
})
export type Assistant = typeof Assistant.Type

type OptionalFields = Pick<Assistant, "modelName" | "description" | "avatar" | "parameters" | "tags">

/** The fields of an assistant to create. Without a model, the server's default one answers. */
export type NewAssistant = Pick<Assistant, "name" | "systemPrompt"> & {
  readonly modelId: string | null
} & Partial<OptionalFields>

export type AssistantChange = Partial<Omit<NewAssistant, "modelId"> & Pick<Assistant, "modelId">>

export const GallerySort = Schema.Literal("uses_count", "saves_count", "created_at")
export type GallerySort = typeof GallerySort.Type

/** An assistant as a user sees it in the gallery. */
export const GalleryEntry = Schema.Struct({
  ...Assistant.fields,
  ownerName: Schema.String,
  /** Whether the current user has saved it. */
  isSaved: Schema.Boolean,
})
export type GalleryEntry = typeof GalleryEntry.Type

/** Selects gallery entries. */
export interface GalleryFilter {
  /** Matches name or description literally and case-insensitively; empty matches all. */
  readonly search: string
  /** Matches entries that have all of these tags. */
  readonly tags: ReadonlyArray<string>
  readonly model?: string | undefined
  readonly sort: GallerySort
}

/** Returns the name of a copy, truncated to a valid name without splitting a surrogate pair. */
export const copyName = (name: string): string =>
  `Copy of ${name}`
    .slice(0, MAX_NAME_LENGTH)
    .replace(/[\uD800-\uDBFF]$/, "")
    .trimEnd()
