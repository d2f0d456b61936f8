import { disconnect, done, event, finish, raw } from "../../../support/ScriptedProvider/Script"
import { chunk, type Deviation, sends } from "./Row"

const counts = { usage: { prompt_tokens: 12, completion_tokens: 1 } }
const counted = { promptTokens: 12, completionTokens: 1 }

/** How an answer ends, and how it is cut off. */
export const endings: ReadonlyArray<Deviation> = [
  {
    name: "no finish reason but usage after the text, and a clean end",
    sends: sends("text", event({ choices: [], ...counts })),
    expected: { text: "text", reason: "stop", usage: counted },
  },
  {
    name: "no finish reason and usage with each piece of text: the end came early",
    sends: sends(chunk({ delta: { content: "te" } }, counts), chunk({ delta: {} }, counts)),
    expected: { text: "te", error: "StreamInterrupted" },
  },
  {
    name: "a connection that breaks after usage without a finish reason",
    sends: sends("te", event({ choices: [], ...counts }), disconnect),
    expected: { text: "te", error: "StreamInterrupted" },
  },
  {
    name: "finish reasons that are null, empty or the word null until the end",
    sends: sends(
      chunk({ delta: { content: "te" }, finish_reason: "null" }),
      chunk({ delta: { content: "xt" }, finish_reason: "" }),
      finish("stop"),
    ),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "the word null as the only finish reason: the end came early",
    sends: sends(chunk({ delta: { content: "te" }, finish_reason: "null" })),
    expected: { text: "te", error: "StreamInterrupted" },
  },
  {
    name: "a finish reason in every chunk (one-api for Gemini)",
    sends: sends(
      chunk({ delta: { content: "te" }, finish_reason: "STOP" }),
      chunk({ delta: { content: "xt" }, finish_reason: "STOP" }),
    ),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "a finish reason in every chunk, and a connection that breaks",
    sends: sends(
      chunk({ delta: { content: "t" }, finish_reason: "STOP" }),
      chunk({ delta: { content: "e" }, finish_reason: "STOP" }),
      disconnect,
    ),
    expected: { text: "te", error: "StreamInterrupted" },
  },
  {
    name: "statistics after the finish reason that are no chunk",
    sends: sends("text", finish("stop"), event("37 tokens/s"), event({ timings: { predicted_n: 2 } }), done),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "an error after the answer was complete",
    sends: sends("text", finish("stop"), event({ error: { message: "billing failed" } })),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "MAX_TOKENS (Gemini)",
    sends: sends("text", finish("MAX_TOKENS")),
    expected: { text: "text", reason: "length" },
  },
  {
    name: "model_length (Mistral)",
    sends: sends("text", finish("model_length")),
    expected: { text: "text", reason: "length" },
  },
  {
    name: "an answer that ends for lack of resources (DeepSeek)",
    sends: sends("te", finish("insufficient_system_resource")),
    expected: { text: "te", error: "StreamInterrupted" },
  },
  {
    name: "a network error as finish reason (Zhipu)",
    sends: sends("te", finish("network_error")),
    expected: { text: "te", error: "StreamInterrupted" },
  },
  {
    name: "its own word for filtered content (Zhipu)",
    sends: sends("te", finish("sensitive")),
    expected: { text: "te", error: "ContentFiltered" },
  },
  {
    name: "no finish reason in a complete answer (Bifrost)",
    isComplete: true,
    sends: sends(raw('{"choices":[{"index":0,"message":{"content":"text"}}]}')),
    expected: { text: "text", reason: "stop" },
  },
]
