import { bareModel, type Model } from "../../domain/models/Models/Model"

/** The fields that are read, of whatever part of the answer; none can be relied on. */
type Fields = {
  readonly [Name in
    | "data"
    | "models"
    | "id"
    | "name"
    | "display_name"
    | "description"
    | "context_length"
    | "context_window"
    | "max_model_len"
    | "pricing"
    | "prompt"
    | "completion"
    | "image"
    | "request"
    | "top_provider"
    | "max_completion_tokens"
    | "architecture"
    | "modality"
    | "tokenizer"
    | "instruct_type"
    | "per_request_limits"
    | "prompt_tokens"
    | "completion_tokens"]?: unknown
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

const fieldsOf = (value: unknown): Fields => (isObject(value) ? value : {})

const text = (...values: ReadonlyArray<unknown>) =>
  values.find((value): value is string => typeof value === "string" && value !== "")

/** A number of tokens, the first that is one. */
const count = (...values: ReadonlyArray<unknown>) =>
  values.map(Number).find((value) => Number.isSafeInteger(value) && value > 0) ?? null

const decimal = /^\d{1,12}(\.\d{1,24})?(e-\d{1,2})?$/

/** An exact decimal. A price below zero is OpenRouter's word for one that varies. */
const price = (value: unknown) => {
  const given = typeof value === "number" ? String(value) : value
  return typeof given === "string" && decimal.test(given) ? given : undefined
}

const pricingOf = (fields: Fields): Model["pricing"] => {
  const prompt = price(fields.prompt)
  const completion = price(fields.completion)
  const image = price(fields.image)
  const request = price(fields.request)
  if (prompt === undefined || completion === undefined) return null
  return {
    prompt,
    completion,
    ...(image === undefined ? {} : { image }),
    ...(request === undefined ? {} : { request }),
  }
}

const limitsOf = (value: unknown): Model["perRequestLimits"] => {
  if (!isObject(value)) return null
  const { prompt_tokens, completion_tokens } = fieldsOf(value)
  return { promptTokens: count(prompt_tokens), completionTokens: count(completion_tokens) }
}

/**
 * A model as its provider describes it, in OpenRouter's words as far as it knows them: others tell
 * little but the name, and each calls the length of its context otherwise.
 */
const toModel = (id: string, entry: Fields): Model => {
  const topProvider = fieldsOf(entry.top_provider)
  const architecture = fieldsOf(entry.architecture)
  const bare = bareModel(id)
  return {
    id,
    name: text(entry.name, entry.display_name) ?? bare.name,
    description: text(entry.description) ?? "",
    contextLength: count(
      entry.context_length,
      entry.context_window,
      entry.max_model_len,
      topProvider.context_length,
    ),
    pricing: pricingOf(fieldsOf(entry.pricing)),
    topProvider: { maxCompletionTokens: count(topProvider.max_completion_tokens) },
    architecture: {
      modality: text(architecture.modality) ?? null,
      tokenizer: text(architecture.tokenizer) ?? null,
      instructType: text(architecture.instruct_type) ?? null,
    },
    perRequestLimits: limitsOf(entry.per_request_limits),
  }
}

/**
 * Reads the answer to `GET /models`; undefined when it is none. Entries without a name are left out.
 *
 * @param idOf the id that callers use for the provider's own name of a model
 */
export const fromBody = (body: unknown, idOf: (name: string) => string): ReadonlyArray<Model> | undefined => {
  const { data, models } = fieldsOf(body)
  const entries = Array.isArray(body) ? body : (data ?? models)
  if (!Array.isArray(entries)) return undefined
  return entries.flatMap((entry: unknown) => {
    const fields = fieldsOf(entry)
    const name = text(fields.id)
    return name === undefined ? [] : [toModel(idOf(name), fields)]
  })
}
