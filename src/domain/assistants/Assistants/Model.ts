import { Schema } from "effect"
import type { UserId } from "../../shared/Actor"
import { Uuid } from "../../shared/Ids"
import { MultilineText, SingleLineText } from "../../shared/Text"

/** An assistant's id: a UUID, version 7. */
export const AssistantId = Uuid.pipe(Schema.brand("AssistantId"))
export type AssistantId = typeof AssistantId.Type

const between = (min: number, max: number) =>
  Schema.JsonNumber.pipe(
    Schema.between(min, max, { message: () => `must be a number between ${min} and ${max}` }),
  )

/** How a model speaks, each within what providers take. */
export const ParameterFields = {
  temperature: between(0, 2),
  maxTokens: Schema.Int.pipe(
    Schema.between(1, 1_000_000, { message: () => "must be a whole number between 1 and 1000000" }),
  ),
  topP: between(0, 1),
  frequencyPenalty: between(-2, 2),
  presencePenalty: between(-2, 2),
}

export interface Parameters {
  readonly temperature: number
  /** The most that it may say, in tokens. */
  readonly maxTokens: number
  readonly topP: number
  readonly frequencyPenalty: number
  readonly presencePenalty: number
}

export const usualParameters: Parameters = {
  temperature: 0.7,
  maxTokens: 2048,
  topP: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
}

const longestName = 100

/** What a person says of an assistant. */
export const AssistantFields = {
  name: SingleLineText(1, longestName),
  modelId: SingleLineText(1, 200),
  modelName: SingleLineText(1, 200),
  description: MultilineText(0, 2000),
  systemPrompt: MultilineText(1, 50_000),
  avatar: SingleLineText(0, 200),
  tags: Schema.Array(SingleLineText(1, 50)).pipe(
    Schema.maxItems(20, { message: () => "must be at most 20 tags" }),
  ),
}

/** Its owner's alone, in the gallery for everyone, or an administrator's template for everyone. */
export const Visibility = Schema.Literal("private", "public", "template")
export type Visibility = typeof Visibility.Type

/** A model with instructions: the documents' config, gallery entry and template. */
export interface Assistant {
  readonly id: AssistantId
  readonly ownerId: UserId
  readonly name: string
  /** `provider/name`, as the catalogue has it. */
  readonly modelId: string
  readonly modelName: string
  readonly visibility: Visibility
  readonly description: string
  readonly systemPrompt: string
  readonly avatar: string
  readonly parameters: Parameters
  readonly tags: ReadonlyArray<string>
  /** How often it was copied from the gallery. */
  readonly usesCount: number
  /** In how many collections it is. */
  readonly savesCount: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

type Said = Pick<Assistant, "modelName" | "description" | "avatar" | "tags"> & {
  readonly parameters: Partial<Parameters>
}

export type NewAssistant = Pick<Assistant, "name" | "modelId" | "systemPrompt"> & Partial<Said>

export type AssistantChange = Partial<NewAssistant>

export const GallerySort = Schema.Literal("uses_count", "saves_count", "created_at")
export type GallerySort = typeof GallerySort.Type

/** An assistant as the gallery shows it to somebody. */
export interface GalleryEntry extends Assistant {
  readonly ownerName: string
  /** Whether it is in the collection of whoever looks. */
  readonly isSaved: boolean
}

/** Which of the gallery to show. */
export interface GalleryFilter {
  /** Text to find in name or description as it stands, in any case; empty for all. */
  readonly search: string
  /** Those that have all of these. */
  readonly tags: ReadonlyArray<string>
  readonly model?: string | undefined
  readonly sort: GallerySort
}

/** The name of a copy, cut so that it is one, and never in the middle of a character. */
export const nameOfCopy = (name: string): string =>
  `Copy of ${name}`
    .slice(0, longestName)
    .replace(/[\uD800-\uDBFF]$/, "")
    .trimEnd()
