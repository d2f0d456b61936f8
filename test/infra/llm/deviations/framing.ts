import { done, event, finish, raw, withHeaders } from "../../../support/ScriptedProvider/Script"
import { type Deviation, sends } from "./Row"

/** How events and their data are framed. */
export const framing: ReadonlyArray<Deviation> = [
  {
    name: "comments while the answer is being prepared (OpenRouter)",
    sends: sends(raw(": OPENROUTER PROCESSING\n\n"), "text", finish("stop"), done),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "no space after `data:`",
    sends: sends(raw('data:{"choices":[{"delta":{"content":"text"}}]}\n\ndata:[DONE]\n\n')),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "lines that end with CR LF",
    sends: sends(raw('data: {"choices":[{"delta":{"content":"text"}}]}\r\n\r\ndata: [DONE]\r\n\r\n')),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "no blank line after the last event (llama.cpp)",
    sends: sends("text", finish("stop"), raw("data: [DONE]")),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "a first chunk without choices, for the content filter's results (Azure)",
    sends: sends(event({ choices: [], prompt_filter_results: [{ prompt_index: 0 }] }), "text", done),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "one JSON body although a stream was requested",
    sends: withHeaders(sends(raw('{"choices":[{"message":{"content":"text"},"finish_reason":"length"}]}')), {
      "content-type": "application/json",
    }),
    expected: { text: "text", reason: "length" },
  },
]
