import { type Model, unknownModel } from "../../domain/models/Models/Model"

/** The fields read from any level of the response; providers may omit or mistype any of them. */
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

const firstString = (...values: ReadonlyArray<unknown>) =>
  values.find((value): value is string => typeof value === "string" && value !== "")

/** Returns the first value that is a positive integer, or null. */
const firstInteger = (...values: ReadonlyArray<unknown>) =>
  values.map(Number).find((value) => Number.isSafeInteger(value) && value > 0) ?? null

const decimal = /^\d{1,12}(\.\d{1,24})?(e-\d{1,2})?$/

/**
 * Returns a price as an exact decimal, or undefined when invalid; OpenRouter marks variable prices with a
 * negative one.
 */
const price = (value: unknown) => {
  const text = typeof value === "number" ? String(value) : value
  return typeof text === "string" && decimal.test(text) ? text : undefined
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
  return { promptTokens: firstInteger(prompt_tokens), completionTokens: firstInteger(completion_tokens) }
}

/**
 * Converts a list entry to a model. The fields are those of OpenRouter, whose entries are the fullest: other
 * providers send little but the name, and each names the context length differently.
 */
const toModel = (id: string, entry: Fields): Model => {
  const topProvider = fieldsOf(entry.top_provider)
  const architecture = fieldsOf(entry.architecture)
  const bare = unknownModel(id)
  return {
    id,
    name: firstString(entry.name, entry.display_name) ?? bare.name,
    description: firstString(entry.description) ?? "",
    contextLength: firstInteger(
      entry.context_length,
      entry.context_window,
      entry.max_model_len,
      topProvider.context_length,
    ),
    pricing: pricingOf(fieldsOf(entry.pricing)),
    topProvider: { maxCompletionTokens: firstInteger(topProvider.max_completion_tokens) },
    architecture: {
      modality: firstString(architecture.modality) ?? null,
      tokenizer: firstString(architecture.tokenizer) ?? null,
      instructType: firstString(architecture.instruct_type) ?? null,
    },
    perRequestLimits: limitsOf(entry.per_request_limits),
  }
}

/**
 * Decodes the response to `GET /models`, or returns undefined when it is not a list. Entries without an
 * id are skipped.
 *
 * @param toPublicId maps the provider's name of a model to the id that callers use
 */
export const decodeModelList = (
  body: unknown,
  toPublicId: (name: string) => string,
): ReadonlyArray<Model> | undefined => {
  const { data, models } = fieldsOf(body)
  const entries = Array.isArray(body) ? body : (data ?? models)
  if (!Array.isArray(entries)) return undefined
  return entries.flatMap((entry: unknown) => {
    const fields = fieldsOf(entry)
    const name = firstString(fields.id)
    return name === undefined ? [] : [toModel(toPublicId(name), fields)]
  })
}
