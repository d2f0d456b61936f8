import { Context, Duration } from "effect"
import type { CallPrice } from "../../operations/Usage/Model"

/** What is paid for calls, and for an image if that costs anything beside: USD. */
interface Pricing extends CallPrice {
  readonly image?: string
}

/** A model that answers here, as its provider describes it. What it does not tell is null. */
export interface Model {
  /** What it is asked for by: `provider/name`, or `demo`. */
  readonly id: string
  readonly name: string
  readonly description: string
  /** How much it can read and write at once, in tokens. */
  readonly contextLength: number | null
  readonly pricing: Pricing | null
  readonly topProvider: { readonly maxCompletionTokens: number | null }
  readonly architecture: {
    readonly modality: string | null
    readonly tokenizer: string | null
    readonly instructType: string | null
  }
  readonly perRequestLimits: {
    readonly promptTokens: number | null
    readonly completionTokens: number | null
  } | null
}

/** A model of which nothing is known but that it is there. */
export const bareModel = (id: string): Model => ({
  id,
  name: id.slice(id.lastIndexOf("/") + 1),
  description: "",
  contextLength: null,
  pricing: null,
  topProvider: { maxCompletionTokens: null },
  architecture: { modality: null, tokenizer: null, instructType: null },
  perRequestLimits: null,
})

/** How the list of models is kept; the settings of the same names say it for a whole server. */
export class ModelsSettings extends Context.Reference<ModelsSettings>()("ModelsSettings", {
  defaultValue: () => ({
    /** How long what providers told is good. */
    ttl: Duration.hours(1),
    /** How soon to ask again when one of them did not answer. */
    retry: Duration.minutes(1),
  }),
}) {}
