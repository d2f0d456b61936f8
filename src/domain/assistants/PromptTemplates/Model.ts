import { Schema } from "effect"
import { Uuid } from "../../shared/Ids"
import { MultilineText, SingleLineText } from "../../shared/Text"

export const PromptTemplateId = Uuid.pipe(Schema.brand("PromptTemplateId"))
export type PromptTemplateId = typeof PromptTemplateId.Type

/** Matches a variable's name: letters, digits, `_`, `-` and `.`. */
const variableName = /^[\p{L}\p{N}_.-]{1,64}$/u

/** Schemas of the fields that an administrator provides. */
export const TemplateFields = {
  name: SingleLineText(1, 200),
  category: SingleLineText(1, 100),
  templateText: MultilineText(1, 100_000),
  variables: Schema.Array(
    Schema.String.pipe(Schema.filter((name) => variableName.test(name) || "must be the name of a variable")),
  ).pipe(Schema.maxItems(100)),
  description: MultilineText(0, 2000),
  isActive: Schema.Boolean,
}

/** A prompt with `{variables}` for users to fill in. */
export const PromptTemplate = Schema.Struct({
  id: PromptTemplateId,
  name: Schema.String,
  category: Schema.String,
  templateText: Schema.String,
  /** The names of the variables, in order, without the braces. */
  variables: Schema.Array(Schema.String),
  description: Schema.String,
  usageCount: Schema.Int,
  /** Inactive templates are hidden from every list. */
  isActive: Schema.Boolean,
  createdAt: Schema.DateFromSelf,
})
export type PromptTemplate = typeof PromptTemplate.Type

export type NewPromptTemplate = Pick<PromptTemplate, "name" | "category" | "templateText"> & {
  /** Defaults to the variables in the text. */
  readonly variables?: ReadonlyArray<string>
  readonly description?: string
}

export type PromptTemplateChange = Partial<NewPromptTemplate & Pick<PromptTemplate, "isActive">>

/** Returns the distinct variables in a text, in order of first occurrence. */
export const variablesIn = (text: string): ReadonlyArray<string> => [
  ...new Set([...text.matchAll(/\{([\p{L}\p{N}_.-]{1,64})\}/gu)].flatMap(([, name]) => name ?? [])),
]
