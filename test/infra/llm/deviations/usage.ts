import type { ModelRequest, TokenUsage } from "../../../../src/domain/models/LanguageModel"
import { done, event, finish, raw, rawDelta, withHeaders } from "../../../support/ScriptedProvider/Script"
import { chunk, type Deviation, sends } from "./Row"

/** 200 bytes: about 67 tokens, and between 6 and 456. */
const text = "word ".repeat(40).trim().padEnd(200, ".")
const request: ModelRequest = {
  model: "openai/scripted",
  messages: [{ role: "user", content: "Write forty words." }],
}
/** What is estimated when counts are not believed. */
const estimate: TokenUsage = { promptTokens: 14, completionTokens: 67 }

/** A row whose provider sends this usage, as the last chunk of a stream, for `text`. */
const row = (name: string, usage: object, tokens: readonly [number, number] | undefined): Deviation => ({
  name,
  request,
  sends: sends(text, finish("stop"), event({ choices: [], usage }), done),
  expected: {
    text,
    reason: "stop",
    usage: tokens && { promptTokens: tokens[0], completionTokens: tokens[1] },
  },
})

const believed: ReadonlyArray<Deviation> = [
  row("the usual fields", { prompt_tokens: 14, completion_tokens: 60, total_tokens: 74 }, [14, 60]),
  row("the names of another API", { input_tokens: 14, output_tokens: 60 }, [14, 60]),
  row("a missing part beside a total", { prompt_tokens: 14, total_tokens: 74 }, [14, 60]),
  row(
    "reasoning beside the completion, in total and details (xAI)",
    {
      prompt_tokens: 14,
      completion_tokens: 60,
      total_tokens: 391,
      completion_tokens_details: { reasoning_tokens: 317 },
    },
    [14, 377],
  ),
  row(
    "reasoning in the total alone (Gemini)",
    { prompt_tokens: 14, completion_tokens: 60, total_tokens: 1074 },
    [14, 1060],
  ),
  row(
    "hidden reasoning in the completion (OpenAI)",
    { prompt_tokens: 14, completion_tokens: 2060, completion_tokens_details: { reasoning_tokens: 2000 } },
    [14, 2060],
  ),
  row(
    "no completion beside the details (CLIProxyAPI)",
    { prompt_tokens: 14, completion_tokens: 0, completion_tokens_details: { reasoning_tokens: 60 } },
    [14, 60],
  ),
  row("a total that is too small", { prompt_tokens: 14, completion_tokens: 60, total_tokens: 0 }, [14, 60]),
  {
    ...row("usage in the choice (Moonshot)", {}, [14, 60]),
    sends: sends(
      text,
      chunk({ delta: {}, finish_reason: "stop", usage: { prompt_tokens: 14, completion_tokens: 60 } }),
    ),
  },
  {
    ...row("usage in a field of its own (Groq)", {}, [14, 60]),
    sends: sends(
      text,
      chunk(
        { delta: {}, finish_reason: "stop" },
        { x_groq: { usage: { prompt_tokens: 14, completion_tokens: 60 } } },
      ),
    ),
  },
  {
    ...row("usage that is empty or zero at the very end", {}, [14, 60]),
    sends: sends(
      text,
      chunk({ delta: {}, finish_reason: "stop" }, { usage: { prompt_tokens: 14, completion_tokens: 60 } }),
      event({ choices: [], usage: {} }),
      event({ choices: [], usage: { prompt_tokens: 0, completion_tokens: 0 } }),
    ),
  },
  {
    ...row("reasoning that is seen, which counts", {}, [14, 400]),
    sends: sends(
      rawDelta({ reasoning: "hm ".repeat(200) }),
      text,
      finish("stop"),
      event({ choices: [], usage: { prompt_tokens: 14, completion_tokens: 400 } }),
    ),
    expected: {
      text,
      reasoning: "hm ".repeat(200),
      reason: "stop",
      usage: { promptTokens: 14, completionTokens: 400 },
    },
  },
]

const corrected: ReadonlyArray<Deviation> = [
  row("nothing at all beside forty words", { prompt_tokens: 0, completion_tokens: 0 }, [14, 67]),
  row(
    "no completion beside forty words",
    { prompt_tokens: 15, completion_tokens: 0, total_tokens: 15 },
    [15, 67],
  ),
  row("one token for forty words", { prompt_tokens: 15, completion_tokens: 1 }, [15, 67]),
  row("more tokens than 32 bits hold", { prompt_tokens: 15, completion_tokens: 4_294_967_294 }, [15, 67]),
  row("more tokens than the text has bytes", { prompt_tokens: 15, completion_tokens: 10_000 }, [15, 67]),
  row("a prompt that nobody sent", { prompt_tokens: 2_147_483_647, completion_tokens: 60 }, [14, 60]),
  row(
    "more reasoning than any model does",
    { prompt_tokens: 15, completion_tokens: 9e8, completion_tokens_details: { reasoning_tokens: 9e8 } },
    [15, 67],
  ),
  row("text instead of numbers", { prompt_tokens: "14", completion_tokens: 60 }, undefined),
  row("fractions and negative numbers", { prompt_tokens: 14.5, completion_tokens: -60 }, undefined),
  {
    ...row("usage in the first chunk alone, before any text", {}, [15, 67]),
    sends: sends(
      event({ choices: [], usage: { prompt_tokens: 15, completion_tokens: 0 } }),
      text,
      finish("stop"),
      done,
    ),
  },
  {
    ...row("more hidden reasoning than the request allows", {}, [15, 67]),
    request: { ...request, maxOutputTokens: 100 },
    sends: sends(
      text,
      finish("stop"),
      event({ choices: [], usage: { prompt_tokens: 15, completion_tokens: 60, total_tokens: 9000 } }),
    ),
  },
  {
    name: "nothing at all in a complete answer",
    isComplete: true,
    request,
    sends: withHeaders(
      sends(
        raw(
          JSON.stringify({
            choices: [{ message: { content: text } }],
            usage: { prompt_tokens: 0, completion_tokens: 0 },
          }),
        ),
      ),
      { "content-type": "application/json" },
    ),
    expected: { text, reason: "stop", usage: estimate },
  },
]

/** How tokens are counted. */
export const usage = [...believed, ...corrected]
