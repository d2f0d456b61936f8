import { describe, expect } from "bun:test"
import { Effect } from "effect"
import { it } from "../../support/it"
import { type Script, status } from "../../support/ScriptedProvider/Script"
import { readAll, withProvider } from "./providerFixtures"

const errorBody = (message: string, more: object = {}) => ({ error: { message, ...more } })

const statuses: ReadonlyArray<readonly [name: string, script: Script, tag: string]> = [
  ["429", status(429), "ModelRateLimited"],
  [
    "429 of an exhausted OpenAI account",
    status(429, errorBody("You exceeded your current quota", { code: "insufficient_quota" })),
    "ModelAccessDenied",
  ],
  [
    "429 of Google, whose text always mentions quotas",
    status(429, [
      errorBody("You exceeded your current quota, check your billing", { status: "RESOURCE_EXHAUSTED" }),
    ]),
    "ModelRateLimited",
  ],
  ["401", status(401), "ModelAccessDenied"],
  ["403", status(403), "ModelAccessDenied"],
  ["402", status(402), "ModelAccessDenied"],
  [
    "an invalid key at Google",
    status(400, [errorBody("API key not valid. Please pass a valid API key.")]),
    "ModelAccessDenied",
  ],
  [
    "no credit at Anthropic",
    status(400, errorBody("Your credit balance is too low to access the API")),
    "ModelAccessDenied",
  ],
  [
    "404",
    status(404, errorBody("The model `x` does not exist", { code: "model_not_found" })),
    "ModelNotFound",
  ],
  [
    "a model unknown to OpenRouter",
    status(400, errorBody("x/y is not a valid model ID", { code: 400 })),
    "ModelNotFound",
  ],
  [
    "a model unknown to Ollama",
    status(404, errorBody('model "x" not found, try pulling it first')),
    "ModelNotFound",
  ],
  [
    "a long prompt at OpenAI",
    status(400, errorBody("Too long", { code: "context_length_exceeded" })),
    "ContextLengthExceeded",
  ],
  [
    "a long prompt at Anthropic",
    status(400, errorBody("prompt is too long: 9 tokens > 8 maximum")),
    "ContextLengthExceeded",
  ],
  [
    "prompt and answer too long at Anthropic",
    status(400, errorBody("input length and `max_tokens` exceed context limit: 9 + 9 > 8")),
    "ContextLengthExceeded",
  ],
  [
    "a long prompt at Google",
    status(400, [errorBody("The input token count (9) exceeds the maximum number of tokens allowed (8).")]),
    "ContextLengthExceeded",
  ],
  [
    "a long prompt at OpenRouter",
    status(
      400,
      errorBody("This endpoint's maximum context length is 8 tokens. However, you requested about 9", {
        code: 400,
      }),
    ),
    "ContextLengthExceeded",
  ],
  [
    "a long prompt at vLLM",
    status(400, { object: "error", message: "This model's maximum context length is 8 tokens.", code: 400 }),
    "ContextLengthExceeded",
  ],
  [
    "a long prompt at newer vLLM",
    status(400, errorBody("The decoder prompt (length 9) is longer than the maximum model length of 8.")),
    "ContextLengthExceeded",
  ],
  ["413", status(413, "<html>Too large</html>"), "ContextLengthExceeded"],
  ["a filtered prompt", status(400, errorBody("filtered", { code: "content_filter" })), "ContentFiltered"],
  [
    "OpenRouter's moderation",
    status(403, errorBody("Input flagged", { metadata: { reasons: ["moderation"] } })),
    "ContentFiltered",
  ],
  ["500", status(500), "ModelOverloaded"],
  ["529", status(529, errorBody("Overloaded", { type: "overloaded_error" })), "ModelOverloaded"],
  ["a gateway's HTML page", status(502, "<html>Bad gateway</html>"), "ModelOverloaded"],
  ["a path unknown to vLLM", status(404, { detail: "Not Found" }), "InvalidResponse"],
  ["a path unknown to Ollama", status(404, "404 page not found"), "InvalidResponse"],
  [
    "a path unknown to OpenAI",
    status(404, errorBody("Invalid URL (POST /v1/chat/completions/chat/completions)")),
    "InvalidResponse",
  ],
  [
    "a path unknown to Azure",
    status(404, errorBody("Resource not found", { code: "404" })),
    "InvalidResponse",
  ],
  [
    "a deployment unknown to Azure",
    status(
      404,
      errorBody("The API deployment for this resource does not exist.", { code: "DeploymentNotFound" }),
    ),
    "ModelNotFound",
  ],
  ["a method that a proxy does not allow", status(405, { detail: "Method Not Allowed" }), "InvalidResponse"],
  ["a 404 HTML page", status(404, "<!doctype html><title>Nothing here</title>"), "InvalidResponse"],
  ["any other 400", status(400, errorBody("temperature must be at most 2")), "ModelRequestRejected"],
]

describe("An error status", () => {
  for (const [name, script, tag] of statuses) {
    it.live(`fails with ${tag}, streamed or not: ${name}`, () =>
      Effect.gen(function* () {
        const { provider, stream, complete } = yield* withProvider({ LLM_MAX_RETRIES: "0" })
        yield* provider.script(script, script)
        expect((yield* readAll(stream)).error?._tag).toBe(tag as "ModelRateLimited")
        expect((yield* Effect.flip(complete))._tag).toBe(tag as "ModelRateLimited")
      }),
    )
  }
})

const messages: ReadonlyArray<readonly [name: string, script: Script, message: string]> = [
  [
    "an exhausted account",
    status(429, errorBody("You exceeded your current quota", { code: "insufficient_quota" })),
    "This server's account with OpenAI is out of credit. Ask the administrator to top it up.",
  ],
  [
    "402",
    status(402),
    "This server's account with OpenAI is out of credit. Ask the administrator to top it up.",
  ],
  [
    "an invalid key",
    status(401),
    "OpenAI rejected this server's credentials. Ask the administrator to check its API key.",
  ],
  ["too many requests", status(429), "OpenAI is rate limiting this server. Wait a moment and try again."],
  [
    "a wait",
    status(429, {}, { "retry-after": "100" }),
    "OpenAI is rate limiting this server. Try again in 100 seconds.",
  ],
  [
    "a wait below one second",
    status(429, {}, { "retry-after-ms": "700" }),
    "OpenAI is rate limiting this server. Try again in 1 second.",
  ],
  [
    "an invalid wait",
    status(429, {}, { "retry-after": "9".repeat(400), "retry-after-ms": "Infinity" }),
    "OpenAI is rate limiting this server. Wait a moment and try again.",
  ],
  [
    "a 404 HTML page",
    status(404, "<!doctype html><title>Nothing here</title>"),
    "OpenAI sent an invalid response. Ask the administrator to check its base URL.",
  ],
]

describe("The error message", () => {
  for (const [name, script, message] of messages) {
    it.live(`explains what to do about ${name}`, () =>
      Effect.gen(function* () {
        const { provider, complete } = yield* withProvider({ LLM_MAX_RETRIES: "0" })
        yield* provider.script(script)
        expect((yield* Effect.flip(complete)).message).toBe(message)
      }),
    )
  }
})
