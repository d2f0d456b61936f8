import { done, event, finish, raw, withHeaders } from "../../../support/ScriptedProvider/Script"
import { type Deviation, sends } from "./Row"

const frame = (content: string, end = "\n\n") =>
  `data: {"choices":[{"delta":{"content":"${content}"}}]}${end}`
const completion = '{"choices":[{"message":{"content":"text"},"finish_reason":"length"}]}'
const asJson = { "content-type": "application/json" }

/** How events and their data are framed. */
export const framing: ReadonlyArray<Deviation> = [
  {
    name: "comments while the answer is being prepared (OpenRouter)",
    sends: sends(raw(": OPENROUTER PROCESSING\n\n"), "text", finish("stop"), done),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "comments that a proxy sends as data",
    sends: sends(event(": OPENROUTER PROCESSING"), "text", finish("stop"), done),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "empty data as keep-alive",
    sends: sends(raw("data:\n\n"), "te", raw("data: \n\n"), "xt", finish("stop"), done),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "words as keep-alive",
    sends: sends(event("ping"), "te", event('"keep-alive"'), event("null"), "xt", finish("stop"), done),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "events of other names, whatever their data",
    sends: sends(event("12 s", "ping"), "text", event("37 t/s", "stats"), finish("stop"), done),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "no space after `data:`",
    sends: sends(raw('data:{"choices":[{"delta":{"content":"text"}}]}\n\ndata:[DONE]\n\n')),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "lines that end with CR LF",
    sends: sends(raw(frame("text", "\r\n\r\n")), raw("data: [DONE]\r\n\r\n")),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "events without blank lines between them",
    sends: sends(raw(`${frame("te", "\n")}${frame("xt", "\n")}data: [DONE]\n`)),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "events that were framed twice",
    sends: sends(raw(`data: ${frame("text")}`), raw("data: data: [DONE]\n\n")),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "several chunks in one event",
    sends: sends(
      event([{ choices: [{ delta: { content: "te" } }] }, { choices: [{ delta: { content: "xt" } }] }]),
      done,
    ),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "no blank line after the last event (llama.cpp)",
    sends: sends("text", finish("stop"), raw("data: [DONE]")),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "white space after [DONE]",
    sends: sends("text", event("[DONE] ")),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "an error in a field of its own (llama.cpp)",
    sends: sends(
      "te",
      raw('error: {"code":400,"message":"the request exceeds the available context size"}\n\n'),
      done,
    ),
    expected: { text: "te", error: "ContextLengthExceeded" },
  },
  {
    name: "an error as a bare line of JSON",
    sends: sends("te", raw('{"error":{"message":"Worker limit reached","code":502}}\n'), done),
    expected: { text: "te", error: "ModelOverloaded" },
  },
  {
    name: "a chunk that was cut off",
    sends: sends("te", raw('data: {"choices":[{"delta":{"content":"xt"\n\n'), done),
    expected: { text: "te", error: "StreamInterrupted" },
  },
  {
    name: "a stream that calls itself JSON",
    sends: withHeaders(sends("te", "xt", finish("stop"), done), asJson),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "bodies line by line instead of events (LitServe)",
    sends: withHeaders(
      sends(
        raw('{"choices":[{"delta":{"content":"te"}}]}\n{"choices":[{"delta":{"content":"xt"}'),
        raw(',"finish_reason":"stop"}]}'),
      ),
      { "content-type": "application/x-ndjson" },
    ),
    expected: { text: "text", reason: "stop" },
  },
  {
    name: "one JSON body although a stream was requested",
    sends: withHeaders(sends(raw(completion)), asJson),
    expected: { text: "text", reason: "length" },
  },
  {
    name: "one JSON body that calls itself a stream, with the marker of a stream",
    sends: sends(raw(`${completion}\n\ndata: [DONE]\n\n`)),
    expected: { text: "text", reason: "length" },
  },
  {
    name: "an indented JSON body",
    sends: withHeaders(sends(raw(JSON.stringify(JSON.parse(completion), null, 2))), asJson),
    expected: { text: "text", reason: "length" },
  },
  {
    name: "an error in the body of a stream (200)",
    sends: sends(raw('{"error":{"message":"Overloaded"}}')),
    expected: { error: "ModelOverloaded" },
  },
  {
    name: "an error in a list (Google)",
    sends: withHeaders(sends(raw('[{"error":{"code":429,"message":"Slow down"}}]')), asJson),
    expected: { error: "ModelRateLimited" },
  },
  {
    name: "a stream although none was requested (mini-sglang)",
    isComplete: true,
    sends: withHeaders(sends(raw(`${frame("te")}${frame("xt")}data: [DONE]\n\n`)), {
      "content-type": "text/event-stream",
    }),
    expected: { text: "text", reason: "stop" },
  },
]
