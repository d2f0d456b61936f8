import { done, finish, raw, rawDelta, withHeaders } from "../../../support/ScriptedProvider/Script"
import { type Deviation, sends } from "./Row"

const answered = { text: "text", reasoning: "hm", reason: "stop" } as const
const message = (fields: object) =>
  withHeaders(sends(raw(JSON.stringify({ choices: [{ message: fields, finish_reason: "stop" }] }))), {
    "content-type": "application/json",
  })

/** Where the reasoning of a model is. */
export const reasoning: ReadonlyArray<Deviation> = [
  {
    name: "`reasoning_content` (DeepSeek, vLLM)",
    sends: sends(rawDelta({ content: null, reasoning_content: "hm" }), "text", finish("stop")),
    expected: answered,
  },
  {
    name: "`reasoning` and the same in details (OpenRouter)",
    sends: sends(
      rawDelta({ content: "", reasoning: "hm", reasoning_details: [{ type: "reasoning.text", text: "hm" }] }),
      "text",
      finish("stop"),
    ),
    expected: answered,
  },
  {
    name: "details without text, for encrypted reasoning (OpenRouter)",
    sends: sends(
      rawDelta({ reasoning: null, reasoning_details: [{ type: "reasoning.summary", summary: "hm" }] }),
      rawDelta({ reasoning_details: [{ type: "reasoning.encrypted", data: "gAAAA" }] }),
      "text",
      finish("stop"),
    ),
    expected: answered,
  },
  {
    name: "reasoning and text in one chunk",
    sends: sends(rawDelta({ content: "text", reasoning: "hm" }), finish("stop")),
    expected: answered,
  },
  {
    name: "thinking parts in a list (Mistral)",
    sends: sends(
      rawDelta({ content: [{ type: "thinking", thinking: [{ type: "text", text: "hm" }] }] }),
      rawDelta({ content: [{ type: "text", text: "te" }] }),
      rawDelta({ content: "xt" }),
      finish("stop"),
    ),
    expected: answered,
  },
  {
    name: "tags around the reasoning (Ollama)",
    sends: sends("<think>\nhm", "</think>\n\ntext", finish("stop")),
    expected: answered,
  },
  {
    name: "tags that are split anywhere",
    sends: sends(..."\n<think>hm</think>\n\ntext", finish("stop"), done),
    expected: answered,
  },
  {
    name: "other words in the tags (Gemini)",
    sends: sends("<thought>hm</thought>", "text", finish("stop")),
    expected: answered,
  },
  {
    name: "empty tags of a model that was told not to reason (Qwen)",
    sends: sends("<think>", "\n\n", "</think>", "\n\n", "text", finish("stop")),
    expected: { text: "text", reasoning: "\n\n", reason: "stop" },
  },
  {
    name: "tags in the middle of the text, which are text",
    sends: sends("Write <think>", "hm</think>.", finish("stop")),
    expected: { text: "Write <think>hm</think>.", reason: "stop" },
  },
  {
    name: "a text that only begins like a tag",
    sends: sends("<th", ">", finish("stop")),
    expected: { text: "<th>", reason: "stop" },
  },
  {
    name: "a text that ends like a tag",
    sends: sends("<thi", finish("length")),
    expected: { text: "<thi", reason: "length" },
  },
  {
    name: "reasoning that reaches the limit",
    sends: sends("<think>hm</thi", finish("length")),
    expected: { reasoning: "hm</thi", error: "EmptyResponse" },
  },
  {
    name: "reasoning in a complete answer",
    isComplete: true,
    sends: message({ content: "text", reasoning_content: "hm" }),
    expected: answered,
  },
  {
    name: "tags in a complete answer",
    isComplete: true,
    sends: message({ content: "<think>hm</think>\n\ntext" }),
    expected: answered,
  },
  {
    name: "a complete answer whose opening tag is in the template (vLLM for Qwen)",
    isComplete: true,
    sends: message({ content: "hm\n</think>\n\ntext" }),
    expected: answered,
  },
]
