import { Schema } from "effect"
import { AssistantId } from "../Assistants/Model"

/** An assistant that everyone may use, as lists show it: without its instructions. */
export const Agent = Schema.Struct({
  id: AssistantId,
  name: Schema.String,
  description: Schema.String,
  /** In lower case: `writing`. */
  category: Schema.String,
  /** An emoji or the URL of an image. */
  avatar: Schema.String,
  usesCount: Schema.Int,
})
export type Agent = typeof Agent.Type

/** The order of a list: the built-in ones first, or the most used ones. */
export type AgentOrder = "default" | "popular"
