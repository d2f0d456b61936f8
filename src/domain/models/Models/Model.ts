import { Context, Duration } from "effect"
import type { Pricing } from "../../operations/Usage/Model"

/** The prices of model calls in USD, and per image where images are charged separately. */
interface ModelPricing extends Pricing {
  readonly image?: string
}

/** An available model, as its provider describes it. Unknown values are null. */
export interface Model {
  /** The id that requests use: `provider/name`, or `demo`. */
  readonly id: string
  readonly name: string
  readonly description: string
  /** The size of the context window, in tokens. */
  readonly contextLength: number | null
  readonly pricing: ModelPricing | null
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

/** Returns a model of which only the id is known. */
export const unknownModel = (id: string): Model => ({
  id,
  name: id.slice(id.lastIndexOf("/") + 1),
  description: "",
  contextLength: null,
  pricing: null,
  topProvider: { maxCompletionTokens: null },
  architecture: { modality: null, tokenizer: null, instructType: null },
  perRequestLimits: null,
})

/** The built-in model, which is always available. */
export const demoModel: Model = {
  ...unknownModel("demo"),
  name: "Demonstration",
  description: "Repeats your message and explains how to configure a real model.",
  pricing: { prompt: "0", completion: "0" },
}

/** How long model lists are cached, configurable for the whole server. */
export class ModelsSettings extends Context.Reference<ModelsSettings>()("ModelsSettings", {
  defaultValue: () => ({
    /** How long the providers' lists are cached. */
    ttl: Duration.hours(1),
    /** How soon to refresh again after a provider's list could not be refreshed. */
    retry: Duration.minutes(1),
  }),
}) {}
