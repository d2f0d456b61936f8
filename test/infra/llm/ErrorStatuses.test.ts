import { describe, expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../../support/it"
import { type Script, status } from "../../support/Provider/Script"
import { readAll, withProvider } from "./providerFixtures"

const said = (message: string, more: object = {}) => ({ error: { message, ...more } })

const statuses: ReadonlyArray<readonly [name: string, script: Script, tag: string]> = [
  ["429", status(429), "ModelRateLimited"],
  [
    "429 of an exhausted OpenAI account",
    status(429, said("You exceeded your current quota", { code: "insufficient_quota" })),
    "ModelAccessDenied",
  ],
  [
    "429 of Google, which always speaks of quotas",
    status(429, [
      said("You exceeded your current quota, check your billing", { status: "RESOURCE_EXHAUSTED" }),
    ]),
    "ModelRateLimited",
  ],
  ["401", status(401), "ModelAccessDenied"],
  ["403", status(403), "ModelAccessDenied"],
  ["402", status(402), "ModelAccessDenied"],
  [
    "a wrong key at Google",
    status(400, [said("API key not valid. Please pass a valid API key.")]),
    "ModelAccessDenied",
  ],
  [
    "no credit at Anthropic",
    status(400, said("Your credit balance is too low to access the API")),
    "ModelAccessDenied",
  ],
  ["404", status(404, said("The model `x` does not exist", { code: "model_not_found" })), "ModelNotFound"],
  [
    "a model unknown to OpenRouter",
    status(400, said("x/y is not a valid model ID", { code: 400 })),
    "ModelNotFound",
  ],
  [
    "a model unknown to Ollama",
    status(404, said('model "x" not found, try pulling it first')),
    "ModelNotFound",
  ],
  [
    "a long prompt at OpenAI",
    status(400, said("Too long", { code: "context_length_exceeded" })),
    "ContextTooLong",
  ],
  [
    "a long prompt at Anthropic",
    status(400, said("prompt is too long: 9 tokens > 8 maximum")),
    "ContextTooLong",
  ],
  [
    "prompt and answer too long at Anthropic",
    status(400, said("input length and `max_tokens` exceed context limit: 9 + 9 > 8")),
    "ContextTooLong",
  ],
  [
    "a long prompt at Google",
    status(400, [said("The input token count (9) exceeds the maximum number of tokens allowed (8).")]),
    "ContextTooLong",
  ],
  [
    "a long prompt at OpenRouter",
    status(
      400,
      said("This endpoint's maximum context length is 8 tokens. However, you requested about 9", {
        code: 400,
      }),
    ),
    "ContextTooLong",
  ],
  [
    "a long prompt at vLLM",
    status(400, { object: "error", message: "This model's maximum context length is 8 tokens.", code: 400 }),
    "ContextTooLong",
  ],
  [
    "a long prompt at newer vLLM",
    status(400, said("The decoder prompt (length 9) is longer than the maximum model length of 8.")),
    "ContextTooLong",
  ],
  ["413", status(413, "<html>Too large</html>"), "ContextTooLong"],
  ["a filtered prompt", status(400, said("filtered", { code: "content_filter" })), "ContentRefused"],
  [
    "OpenRouter's moderation",
    status(403, said("Input flagged", { metadata: { reasons: ["moderation"] } })),
    "ContentRefused",
  ],
  ["500", status(500), "ModelOverloaded"],
  ["529", status(529, said("Overloaded", { type: "overloaded_error" })), "ModelOverloaded"],
  ["a gateway's page", status(502, "<html>Bad gateway</html>"), "ModelOverloaded"],
  [
    "a stranger's 404 page",
    status(404, "<!doctype html><title>Nothing here</title>"),
    "ModelAnswerUnreadable",
  ],
  ["any other 400", status(400, said("temperature must be at most 2")), "ModelRequestRejected"],
]

describe("a status becomes a typed error, streamed or not", () => {
  for (const [name, script, tag] of statuses) {
    it.live(`${name}: ${tag}`, () =>
      Effect.gen(function* () {
        const { provider, stream, complete } = yield* withProvider({ LLM_MAX_RETRIES: "0" })
        yield* provider.script(script, script)
        expect((yield* readAll(stream)).error?._tag).toBe(tag as "ModelRateLimited")
        expect((yield* Effect.flip(complete))._tag).toBe(tag as "ModelRateLimited")
      }),
    )
  }
})

const sentences: ReadonlyArray<readonly [name: string, script: Script, sentence: string]> = [
  [
    "an exhausted account",
    status(429, said("You exceeded your current quota", { code: "insufficient_quota" })),
    "This server's account with OpenAI is out of credit. Ask the administrator to top it up.",
  ],
  [
    "402",
    status(402),
    "This server's account with OpenAI is out of credit. Ask the administrator to top it up.",
  ],
  [
    "a wrong key",
    status(401),
    "OpenAI refused this server's credentials. Ask the administrator to check its key.",
  ],
  ["too many requests", status(429), "OpenAI is rate limiting this server. Wait a little and try again."],
  [
    "a wait",
    status(429, {}, { "retry-after": "100" }),
    "OpenAI is rate limiting this server. Try again in 100 seconds.",
  ],
  [
    "a short one",
    status(429, {}, { "retry-after-ms": "700" }),
    "OpenAI is rate limiting this server. Try again in 1 second.",
  ],
  [
    "a wait without end",
    status(429, {}, { "retry-after": "9".repeat(400), "retry-after-ms": "Infinity" }),
    "OpenAI is rate limiting this server. Wait a little and try again.",
  ],
  [
    "a stranger",
    status(404, "<!doctype html><title>Nothing here</title>"),
    "What came from OpenAI is no answer of a model. Ask the administrator to check its address.",
  ],
]

describe("whoever asked is told what to do about", () => {
  for (const [name, script, sentence] of sentences) {
    it.live(name, () =>
      Effect.gen(function* () {
        const { provider, complete } = yield* withProvider({ LLM_MAX_RETRIES: "0" })
        yield* provider.script(script)
        expect((yield* Effect.flip(complete)).message).toBe(sentence)
      }),
    )
  }
})
