import type { ModelRequest } from "../../../../src/domain/models/LanguageModel"
import { answer, status } from "../../../support/ScriptedProvider/Script"
import type { Deviation } from "./Row"

const messages: ModelRequest["messages"] = [{ role: "user", content: "Hi" }]
const request: ModelRequest = { model: "openai/scripted", messages, maxOutputTokens: 300, temperature: 0.2 }
const ok = answer("text")
const expected = { text: "text", reason: "stop" as const, usage: { promptTokens: 1, completionTokens: 1 } }
const error = (message: string, more: object = {}) => ({ error: { message, ...more } })

/** Parameters and roles that a model does not accept. */
export const requests: ReadonlyArray<Deviation> = [
  {
    name: "`max_tokens` refused in favor of `max_completion_tokens` (OpenAI's gpt-5 behind a gateway)",
    request,
    sends: [
      status(
        400,
        error(
          "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
          { type: "invalid_request_error", param: "max_tokens", code: "unsupported_parameter" },
        ),
      ),
      ok,
    ],
    receives: [{ max_tokens: 300 }, { max_completion_tokens: 300 }],
    expected,
  },
  {
    name: "`max_tokens` refused without naming it in `param` (Copilot)",
    request,
    sends: [
      status(
        400,
        error(
          "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
          { code: "invalid_request_body" },
        ),
      ),
      ok,
    ],
    receives: [{ max_tokens: 300 }, { max_completion_tokens: 300 }],
    expected,
  },
  {
    name: "both names of the output limit refused",
    request,
    sends: [
      status(422, {
        detail: [{ type: "extra_forbidden", loc: ["body", "max_tokens"], msg: "Extra inputs" }],
      }),
      status(422, {
        detail: [{ type: "extra_forbidden", loc: ["body", "max_completion_tokens"], msg: "Extra inputs" }],
      }),
      ok,
    ],
    receives: [{ max_tokens: 300 }, { max_completion_tokens: 300 }, {}],
    expected,
  },
  {
    name: "`stream_options` refused with a list of details (Azure's serverless models)",
    sends: [
      status(422, {
        detail: [
          {
            type: "extra_forbidden",
            loc: ["body", "stream_options", "include_usage"],
            msg: "Extra inputs are not permitted",
            input: true,
          },
        ],
      }),
      ok,
    ],
    receives: [{ stream_options: { include_usage: true } }, {}],
    expected: { ...expected, usage: undefined },
  },
  {
    name: "`stream_options` refused inside of a message (LiteLLM in front of Azure)",
    sends: [
      status(
        400,
        error(
          'litellm.BadRequestError: Azure_aiException - {"error":{"code":"Invalid input","message":"{\\"detail\\":[{\\"type\\":\\"extra_forbidden\\",\\"loc\\":[\\"body\\",\\"stream_options\\",\\"include_usage\\"],\\"msg\\":\\"Extra inputs are not permitted\\"}]}","status":422}}',
          { type: null, param: null, code: "400" },
        ),
      ),
      ok,
    ],
    receives: [{ stream_options: { include_usage: true } }, {}],
    expected: { ...expected, usage: undefined },
  },
  {
    name: "`stream_options` refused in a message that is an object (Mistral)",
    sends: [
      status(422, {
        object: "error",
        message: {
          detail: [
            {
              type: "extra_forbidden",
              loc: ["body", "stream_options"],
              msg: "Extra inputs are not permitted",
            },
          ],
        },
        type: "invalid_request_error",
        param: null,
        code: null,
      }),
      ok,
    ],
    receives: [{ stream_options: { include_usage: true } }, {}],
    expected: { ...expected, usage: undefined },
  },
  {
    name: "any temperature but the default refused (OpenAI's reasoning models)",
    request,
    sends: [
      status(
        400,
        error(
          "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
          { type: "invalid_request_error", param: "temperature", code: "unsupported_value" },
        ),
      ),
      ok,
    ],
    receives: [{ temperature: 0.2, max_tokens: 300 }, { max_tokens: 300 }],
    expected,
  },
  {
    name: "one parameter refused after the other",
    request: { ...request, topP: 0.5 },
    sends: [
      status(400, error("Unsupported parameter", { param: "max_tokens" })),
      status(400, error("Unsupported parameter", { param: "temperature" })),
      status(400, error("Unsupported parameter", { param: "top_p" })),
      ok,
    ],
    receives: [
      { max_tokens: 300, temperature: 0.2, top_p: 0.5 },
      { max_completion_tokens: 300, temperature: 0.2, top_p: 0.5 },
      { max_completion_tokens: 300, top_p: 0.5 },
      { max_completion_tokens: 300 },
    ],
    expected,
  },
  {
    name: "temperature and top_p refused together (Anthropic)",
    request: { ...request, topP: 0.5 },
    sends: [
      status(
        400,
        error("`temperature` and `top_p` cannot both be specified for this model. Please use only one.", {
          type: "invalid_request_error",
        }),
      ),
      ok,
    ],
    receives: [{ temperature: 0.2, top_p: 0.5 }, { temperature: 0.2 }],
    expected,
  },
  {
    name: "a penalty refused under a name of another style (xAI)",
    request: { ...request, presencePenalty: 1 },
    sends: [
      status(400, {
        code: "Client specified an invalid argument",
        error: "Model grok-4 does not support parameter presencePenalty.",
      }),
      ok,
    ],
    receives: [{ presence_penalty: 1 }, {}],
    expected,
  },
  {
    name: "penalties refused without their names, in a list (Gemini)",
    request: { ...request, frequencyPenalty: 1, presencePenalty: 1 },
    sends: [
      status(400, [
        error("Penalty is not enabled for models/gemini-2.5-flash", { status: "INVALID_ARGUMENT" }),
      ]),
      status(400, [
        error("Penalty is not enabled for models/gemini-2.5-flash", { status: "INVALID_ARGUMENT" }),
      ]),
      ok,
    ],
    receives: [{ frequency_penalty: 1, presence_penalty: 1 }, { presence_penalty: 1 }, {}],
    expected,
  },
  {
    name: "an unknown field (Gemini)",
    request: { ...request, frequencyPenalty: 1 },
    sends: [
      status(400, [
        error('Invalid JSON payload received. Unknown name "frequency_penalty": Cannot find field.', {
          status: "INVALID_ARGUMENT",
        }),
      ]),
      ok,
    ],
    receives: [{ frequency_penalty: 1 }, {}],
    expected,
  },
  {
    name: "several unsupported parameters named by a proxy (LiteLLM)",
    request: { ...request, frequencyPenalty: 1 },
    sends: [
      status(
        400,
        error(
          "litellm.UnsupportedParamsError: o1 does not support parameters: ['frequency_penalty', 'temperature']",
        ),
      ),
      status(400, error("litellm.UnsupportedParamsError: o1 does not support parameters: ['temperature']")),
      ok,
    ],
    receives: [{ frequency_penalty: 1, temperature: 0.2 }, { temperature: 0.2 }, {}],
    expected,
  },
  {
    name: "an unexpected argument, as an internal error (FastChat)",
    sends: [status(500, error("got an unexpected keyword argument 'stream_options'")), ok],
    receives: [{ stream_options: { include_usage: true } }, {}],
    expected: { ...expected, usage: undefined },
  },
  {
    name: "streaming refused to an organization that is not verified (OpenAI)",
    request,
    sends: [
      status(
        400,
        error("Your organization must be verified to stream this model.", {
          param: "stream",
          code: "unsupported_value",
        }),
      ),
      ok,
    ],
    receives: [{ stream: true, stream_options: { include_usage: true } }, {}],
    expected,
  },
  {
    name: "a parameter refused to a call that is not streamed",
    request,
    isComplete: true,
    sends: [status(400, error("Unsupported parameter", { param: "max_tokens" })), ok],
    receives: [{ max_tokens: 300 }, { max_completion_tokens: 300 }],
    expected,
  },
  {
    name: "an output limit above the model's (DeepSeek)",
    request: { ...request, maxOutputTokens: 32_000 },
    sends: [
      status(
        400,
        error("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", {
          type: "invalid_request_error",
          param: null,
          code: "invalid_request_error",
        }),
      ),
      ok,
    ],
    receives: [{ max_tokens: 32_000 }, { max_tokens: 8192 }],
    expected,
  },
  {
    name: "an output limit above what the prompt leaves of the context window (vLLM)",
    request: { ...request, maxOutputTokens: 4096 },
    sends: [
      status(400, {
        object: "error",
        message:
          "This model's maximum context length is 4096 tokens. However, you requested 4106 tokens (10 in the messages, 4096 in the completion). Please reduce the length of the messages or completion.",
        type: "BadRequestError",
        code: 400,
      }),
      ok,
    ],
    receives: [{ max_tokens: 4096 }, { max_tokens: 4086 }],
    expected,
  },
  {
    name: "an output limit above what the prompt leaves, in other words (newer vLLM)",
    request: { ...request, maxOutputTokens: 65_535 },
    sends: [
      status(
        400,
        error(
          "This model's maximum context length is 128000 tokens. However, you requested 65535 output tokens and your prompt contains at least 62466 input tokens, for a total of at least 128001 tokens.",
          { param: "max_tokens" },
        ),
      ),
      ok,
    ],
    receives: [{ max_tokens: 65_535 }, { max_tokens: 65_534 }],
    expected,
  },
  {
    name: "a value out of range, which is the user's to change (Mistral)",
    request: { ...request, temperature: 2 },
    sends: status(422, {
      detail: [
        {
          type: "less_than_equal",
          loc: ["body", "temperature"],
          msg: "Input should be less than or equal to 1.5",
        },
      ],
    }),
    receives: [{ temperature: 2 }],
    expected: { error: "ModelRequestRejected" },
  },
  {
    name: "a refusal that names nothing that was sent",
    request,
    sends: status(400, error("Unsupported parameter", { param: "tools" })),
    receives: [{ max_tokens: 300 }],
    expected: { error: "ModelRequestRejected" },
  },
  {
    name: "a refusal that goes on without what it named",
    request,
    sends: [
      status(400, error("temperature is not supported")),
      status(400, error("temperature is not supported")),
    ],
    receives: [{ temperature: 0.2 }, {}],
    expected: { error: "ModelRequestRejected" },
  },
  {
    name: "a template without a role for the system prompt (Gemma on vLLM)",
    request: { ...request, messages: [{ role: "system", content: "Be brief." }, ...messages] },
    sends: [
      status(400, {
        object: "error",
        message: "System role not supported",
        type: "BadRequestError",
        code: 400,
      }),
      ok,
    ],
    receives: [
      {
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "Hi" },
        ],
      },
      { messages: [{ role: "user", content: "Be brief.\n\nHi" }] },
    ],
    expected: { ...expected, usage: { promptTokens: 3, completionTokens: 1 } },
  },
  {
    name: "a system role refused by its place (OpenAI's o1-mini)",
    request: { ...request, messages: [{ role: "system", content: "Be brief." }, ...messages] },
    sends: [
      status(
        400,
        error("Unsupported value: 'messages[0].role' does not support 'system' with this model.", {
          param: "messages[0].role",
          code: "unsupported_value",
        }),
      ),
      ok,
    ],
    receives: [
      {
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "Hi" },
        ],
      },
      { messages: [{ role: "user", content: "Be brief.\n\nHi" }] },
    ],
    expected: { ...expected, usage: { promptTokens: 3, completionTokens: 1 } },
  },
  {
    name: "a template that wants the roles to alternate, and has none for the system prompt (Mixtral on vLLM)",
    request: {
      ...request,
      messages: [
        { role: "system", content: "Be brief." },
        { role: "assistant", content: "Welcome" },
        { role: "user", content: "Hi" },
        { role: "user", content: "Are you there?" },
      ],
    },
    sends: [
      status(400, {
        object: "error",
        message: "Conversation roles must alternate user/assistant/user/…",
        code: 400,
      }),
      status(400, {
        object: "error",
        message: "Conversation roles must alternate user/assistant/user/…",
        code: 400,
      }),
      ok,
    ],
    receives: [
      {
        messages: [
          { role: "system", content: "Be brief." },
          { role: "assistant", content: "Welcome" },
          { role: "user", content: "Hi" },
          { role: "user", content: "Are you there?" },
        ],
      },
      {
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "Hi\n\nAre you there?" },
        ],
      },
      { messages: [{ role: "user", content: "Be brief.\n\nHi\n\nAre you there?" }] },
    ],
    expected: { ...expected, usage: { promptTokens: 6, completionTokens: 1 } },
  },
]
