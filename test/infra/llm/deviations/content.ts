import { delta, done, event, finish, rawDelta } from "../../../support/ScriptedProvider/Script"
import { chunk, type Deviation, sends } from "./Row"

/** Where in a chunk the answer is. */
export const content: ReadonlyArray<Deviation> = [
  {
    name: "a first chunk without choices, for the content filter's results (Azure)",
    sends: sends(event({ choices: [], prompt_filter_results: [{ prompt_index: 0 }] }), "text", done),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "a chunk without a delta after the finish reason (Azure)",
    sends: sends(
      "text",
      finish("stop"),
      chunk({ index: 0, finish_reason: null, content_filter_offsets: {} }),
      done,
    ),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "an index that counts the chunks",
    sends: sends(
      chunk({ index: 0, delta: { content: "a" } }),
      chunk({ index: 1, delta: { content: "b" } }),
      chunk({ index: 2, delta: { content: "c" } }),
      chunk({ index: 3, delta: {}, finish_reason: "stop" }),
    ),
    expected: { text: "abc", reason: "stop" },
  },
  {
    name: "an index that counts the pieces of text",
    sends: sends(
      chunk({ index: 0, delta: { role: "assistant" } }),
      chunk({ index: 0, delta: { content: "a" } }),
      chunk({ index: 1, delta: { content: "b" } }),
      chunk({ index: 1, delta: {}, finish_reason: "length" }),
    ),
    expected: { text: "ab", reason: "length" },
  },
  {
    name: "an index that is always 1, or missing",
    sends: sends(
      chunk({ index: 1, delta: { content: "a" } }),
      chunk({ index: 1, delta: { content: "b" } }),
      event({ choices: [{ delta: { content: "c" }, finish_reason: "stop", index: 1 }] }),
    ),
    expected: { text: "abc", reason: "stop" },
  },
  {
    name: "a second answer that nobody asked for",
    sends: sends("a", "b", delta("x", 1), "c", delta("y", 1), finish("stop"), done),
    expected: { text: "abc", reason: "stop" },
  },
  {
    name: "text as a list of parts, of which some are unknown (Mistral)",
    sends: sends(
      rawDelta({
        content: [
          { type: "text", text: "te" },
          { type: "reference", reference_ids: [1] },
        ],
      }),
      rawDelta({ content: { type: "text", text: "xt" } }),
      finish("stop"),
    ),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "text beside the delta, as in completions of old",
    sends: sends(chunk({ index: 0, text: "te" }), chunk({ index: 0, text: "xt", finish_reason: "stop" })),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "messages that repeat the text so far, instead of deltas",
    sends: sends(
      chunk({ message: { content: "te" } }),
      chunk({ message: { content: "text" } }),
      chunk({ message: { content: "text" }, finish_reason: "stop" }),
    ),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "deltas in the place of messages",
    sends: sends(
      chunk({ message: { content: "te" } }),
      chunk({ message: { content: "xt" }, finish_reason: "stop" }),
    ),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "the whole message once more at the end",
    sends: sends("te", "xt", chunk({ message: { content: "text" }, finish_reason: "stop" }), done),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "an empty error beside good choices",
    sends: sends(
      chunk({ delta: { content: "te" } }, { error: "" }),
      chunk({ delta: { content: "xt" } }, { error: { code: 0, message: "success" } }),
      chunk({ delta: {}, finish_reason: "stop" }, { error: {} }),
    ),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "an error in the choice (OpenRouter)",
    sends: sends(
      "te",
      chunk({ delta: {}, finish_reason: "error", error: { code: 429, message: "Slow down" } }),
    ),
    expected: { text: "te", error: "ModelRateLimited" },
  },
  {
    name: "an error without an `error` field (vLLM, FastChat)",
    sends: sends("te", event({ object: "error", message: "Internal server error", code: 50001 }), done),
    expected: { text: "te", error: "ModelOverloaded" },
  },
  {
    name: "empty fields for refusals and tools",
    sends: sends(
      rawDelta({ content: "text", refusal: "", tool_calls: [], function_call: null }),
      finish("stop"),
    ),
    expected: { text: "text", reason: "stop" },
  },
]
