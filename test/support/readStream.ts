import { Effect } from "effect"

/** A response body that is being read. */
export interface StreamReader {
  readonly status: number
  /** The id of the generation that is streamed; empty for any other response. */
  readonly generation: string
  /** Waits until the received text contains `marker` or the response ends. Returns all received text. */
  readonly until: (marker: string) => Effect.Effect<string>
  /** Waits for the end of the response. `complete` is false if the connection was lost before. */
  readonly end: Effect.Effect<{ readonly text: string; readonly complete: boolean }>
}

/** Reads a response as it arrives. A lost connection ends the reading. */
export const readStream = (response: Response): StreamReader => {
  const decoder = new TextDecoder()
  let text = ""
  let state: "reading" | "complete" | "interrupted" = "reading"
  let changed = Promise.withResolvers<void>()
  const collect = async () => {
    for await (const bytes of response.body ?? []) {
      text += decoder.decode(bytes, { stream: true })
      changed.resolve()
      changed = Promise.withResolvers()
    }
  }
  void collect()
    .then(
      () => {
        state = "complete"
      },
      () => {
        state = "interrupted"
      },
    )
    .then(() => changed.resolve())
  const until = (marker: string) =>
    Effect.promise(async () => {
      while (state === "reading" && !text.includes(marker)) await changed.promise
      return text
    })
  return {
    status: response.status,
    generation: response.headers.get("x-generation-id") ?? "",
    until,
    end: Effect.promise(async () => {
      while (state === "reading") await changed.promise
      return { text, complete: state === "complete" }
    }),
  }
}
