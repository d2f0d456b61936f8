import { Effect } from "effect"

/** An answer that is being read. */
export interface StreamReader {
  readonly status: number
  /** The run that is read, if that is what it is. */
  readonly generation: string
  /** All that has come, once `mark` is in it or the answer is over. */
  readonly until: (mark: string) => Effect.Effect<string>
  /** All that came; whether it ended as it should, rather than broke off. */
  readonly end: Effect.Effect<{ readonly text: string; readonly whole: boolean }>
}

/** Reads an answer as it comes. A connection that breaks ends the reading. */
export const readStream = (response: Response): StreamReader => {
  const decoder = new TextDecoder()
  let text = ""
  let state: "reading" | "whole" | "broken" = "reading"
  let wake = Promise.withResolvers<void>()
  const collect = async () => {
    for await (const bytes of response.body ?? []) {
      text += decoder.decode(bytes, { stream: true })
      wake.resolve()
      wake = Promise.withResolvers()
    }
  }
  void collect()
    .then(
      () => {
        state = "whole"
      },
      () => {
        state = "broken"
      },
    )
    .then(() => wake.resolve())
  const until = (mark: string) =>
    Effect.promise(async () => {
      while (state === "reading" && !text.includes(mark)) await wake.promise
      return text
    })
  return {
    status: response.status,
    generation: response.headers.get("x-generation-id") ?? "",
    until,
    end: Effect.promise(async () => {
      while (state === "reading") await wake.promise
      return { text, whole: state === "whole" }
    }),
  }
}
