/** The scripted provider's response to `/models`, in OpenRouter's format: prices are per token. */
export const modelEntries: ReadonlyArray<Readonly<Record<string, unknown>>> = [
  {
    id: "scripted",
    object: "model",
    name: "Scripted",
    description: "Returns scripted answers",
    context_length: 128_000,
    pricing: { prompt: "0.000003", completion: "0.000015", request: "0", image: "0.0048" },
    top_provider: { context_length: 128_000, max_completion_tokens: 4096, is_moderated: false },
    architecture: { modality: "text", tokenizer: "Words", instruct_type: null },
    per_request_limits: null,
  },
  {
    id: "anthropic/claude-3-sonnet",
    name: "Claude 3 Sonnet",
    description: "Balance of intelligence and speed",
    context_length: 200_000,
    pricing: { prompt: "0.000003", completion: "0.000015" },
    top_provider: { max_completion_tokens: 4096 },
    architecture: { modality: "text", tokenizer: "Claude", instruct_type: "claude" },
    per_request_limits: { prompt_tokens: "100000", completion_tokens: "4096" },
  },
  {
    id: "anthropic/claude-3-sonnet:free",
    name: "Claude 3 Sonnet (free)",
    context_length: 200_000,
    pricing: { prompt: "0", completion: "0" },
  },
  { id: "openai/gpt-4", name: "GPT-4", context_length: 8192 },
  { id: "openrouter/auto", name: "Auto", pricing: { prompt: "-1", completion: "-1" } },
  {
    id: "bytedance-seed/seedream-4.5",
    name: "ByteDance Seedream 4.5",
    description: "Supports up to 14 reference images, 2048x2048 max resolution",
    pricing: { prompt: "0", completion: "0", image: "0.04" },
    architecture: { modality: "text+image->image", tokenizer: null, instruct_type: null },
  },
]
