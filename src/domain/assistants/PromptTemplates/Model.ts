import { Schema } from "effect"
import { Uuid } from "../../shared/Ids"
import { MultilineText, SingleLineText } from "../../shared/Text"

export const PromptTemplateId = Uuid.pipe(Schema.brand("PromptTemplateId"))
export type PromptTemplateId = typeof PromptTemplateId.Type

/** The name of a variable: letters, digits, `_`, `-` and `.`. */
const variable = /^[\p{L}\p{N}_.-]{1,64}$/u

/** What an administrator says of a template. */
export const TemplateFields = {
  name: SingleLineText(1, 200),
  category: SingleLineText(1, 100),
  templateText: MultilineText(1, 100_000),
  variables: Schema.Array(
    Schema.String.pipe(Schema.filter((name) => variable.test(name) || "must be the name of a variable")),
  ).pipe(Schema.maxItems(100)),
  description: MultilineText(0, 2000),
  isActive: Schema.Boolean,
}

/** A prompt with `{variables}` in it, for everyone to fill in. */
export interface PromptTemplate {
  readonly id: PromptTemplateId
  readonly name: string
  readonly category: string
  readonly templateText: string
  /** The names of what is to be filled in, in order, without the braces. */
  readonly variables: ReadonlyArray<string>
  readonly description: string
  readonly usageCount: number
  /** Those that are not are seen by nobody. */
  readonly isActive: boolean
  readonly createdAt: Date
}

export type NewPromptTemplate = Pick<PromptTemplate, "name" | "category" | "templateText"> & {
  /** Those in the text, if nothing is said. */
  readonly variables?: ReadonlyArray<string>
  readonly description?: string
}

export type PromptTemplateChange = Partial<NewPromptTemplate & Pick<PromptTemplate, "isActive">>

/** The variables in a text, each once, in the order in which they first stand. */
export const variablesIn = (text: string): ReadonlyArray<string> => [
  ...new Set([...text.matchAll(/\{([\p{L}\p{N}_.-]{1,64})\}/gu)].flatMap(([, name]) => name ?? [])),
]
