/** The content of a message: text, or parts that may include files. */
type Content = string | ReadonlyArray<{ readonly type: string; readonly text?: string }>

/** The request fields that the scripted chat completions endpoint reads. */
export interface ChatRequest {
  readonly model: string
  readonly messages: ReadonlyArray<{ readonly role: string; readonly content: Content }>
  readonly stream?: boolean
  readonly stream_options?: { readonly include_usage?: boolean }
  readonly max_tokens?: number
  readonly max_completion_tokens?: number
  readonly temperature?: number
  readonly top_p?: number
  readonly frequency_penalty?: number
  readonly presence_penalty?: number
}

export interface Usage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
}

export const usageOf = (prompt: number, completion: number): Usage => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
})

/** Returns the text of a message, ignoring other parts. */
const textOf = (content: Content) =>
  typeof content === "string" ? content : content.map(({ text = "" }) => text).join("")

/** Returns the text of the last message. */
export const promptOf = (request: ChatRequest) => textOf(request.messages.at(-1)?.content ?? "")

/** Counts words, the tokens of the scripted provider. */
export const countWords = (text: string) => text.split(/\s+/).filter((word) => word !== "").length

export const countPrompt = (request: ChatRequest) =>
  request.messages.reduce((sum, message) => sum + countWords(textOf(message.content)), 0)

const created = 1_700_000_000

const chunk = (request: ChatRequest, choices: ReadonlyArray<unknown>, extra: object) => ({
  id: "chatcmpl-scripted",
  object: "chat.completion.chunk",
  created,
  model: request.model,
  system_fingerprint: "fp_scripted",
  choices,
  ...(request.stream_options?.include_usage === true ? { usage: null } : {}),
  ...extra,
})

export const deltaChunk = (request: ChatRequest, delta: object, choice = 0) =>
  chunk(request, [{ index: choice, delta, logprobs: null, finish_reason: null }], {})

export const finishChunk = (request: ChatRequest, reason: string) =>
  chunk(request, [{ index: 0, delta: {}, logprobs: null, finish_reason: reason }], {})

export const usageChunk = (request: ChatRequest, usage: Usage) => chunk(request, [], { usage })

export const frame = (data: string, event?: string) =>
  `${event === undefined ? "" : `event: ${event}\n`}data: ${data}\n\n`

export const completion = (request: ChatRequest, text: string, reason: string, usage: Usage) => ({
  id: "chatcmpl-scripted",
  object: "chat.completion",
  created,
  model: request.model,
  system_fingerprint: "fp_scripted",
  choices: [
    {
      index: 0,
      message: { role: "assistant", content: text, refusal: null },
      logprobs: null,
      finish_reason: reason,
    },
  ],
  usage,
})

/** One pixel, as a PNG in base64. */
export const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

/** A response of OpenAI's images API. */
export const imageResponse = {
  created: 1_700_000_000,
  data: [{ b64_json: pixel }],
  usage: {
    input_tokens: 10,
    output_tokens: 30,
    total_tokens: 40,
    input_tokens_details: { text_tokens: 10, image_tokens: 0 },
  },
}

/** A response of OpenRouter's images API, which names token counts as in chat completions. */
export const openRouterImageResponse = {
  created: 1_700_000_000,
  data: [{ b64_json: pixel, media_type: "image/png" }],
  usage: { prompt_tokens: 0, completion_tokens: 4175, total_tokens: 4175, cost: 0.04 },
}

/** A request to OpenRouter's images API. */
export interface OpenRouterImageRequest {
  readonly model: string
  readonly prompt: string
  readonly input_references?: ReadonlyArray<{ readonly image_url: { readonly url: string } }>
}

/** Returns the media type of a base64 data URI and the size of its data in bytes. */
export const parseDataUri = (uri: string) => {
  const [, type = "", data = ""] = /^data:([^;]+);base64,(.*)$/.exec(uri) ?? []
  return { type, size: Buffer.from(data, "base64").length }
}
