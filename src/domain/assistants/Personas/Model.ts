import { Schema } from "effect"
import { UserId } from "../../shared/Actor"
import { MultilineText } from "../../shared/Text"
import { AssistantFields, AssistantId } from "../Assistants/Model"

/** Schemas of the fields that a user provides. */
export const PersonaFields = {
  name: AssistantFields.name,
  systemPrompt: AssistantFields.systemPrompt,
  description: MultilineText(0, 2000),
}

/** An assistant without a model of its own: instructions for whichever model a call names. */
export const Persona = Schema.Struct({
  id: AssistantId,
  userId: UserId,
  name: Schema.String,
  description: Schema.String,
  systemPrompt: Schema.String,
  createdAt: Schema.DateFromSelf,
  updatedAt: Schema.DateFromSelf,
})
export type Persona = typeof Persona.Type

export type NewPersona = Pick<Persona, "name" | "systemPrompt"> & Partial<Pick<Persona, "description">>

export type PersonaChange = Partial<NewPersona>
