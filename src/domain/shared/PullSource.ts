import { Chunk, Effect, Option, Stream } from "effect"

/** The result of pulling from a source. */
export type Pull<A> =
  /** The items that arrived since the last pull. */
  | { readonly _tag: "Items"; readonly items: ReadonlyArray<A> }
  /** Nothing yet: `wake` is called, once, when there are items. The returned function unsubscribes. */
  | { readonly _tag: "Wait"; readonly await: (wake: () => void) => () => void }
  /** The next items have to be loaded first: run this, then pull again. */
  | { readonly _tag: "Load"; readonly fetchMore: Effect.Effect<void> }
  | { readonly _tag: "End" }

/**
 * A growing sequence of items with a single consumer. Pulling is a plain function call, so that a
 * latency-critical consumer needs no fiber wake-up per item; `toStream` serves all others.
 */
export interface PullSource<A> {
  readonly next: () => Pull<A>
  /** Tells the source that nobody pulls any more, before or after its end. */
  readonly close?: () => void
}

/** Converts a source to a stream; `open` is called once per run of the stream. */
export const toStream = <A>(open: () => PullSource<A>): Stream.Stream<A> =>
  Stream.suspend(() => {
    const source = open()
    type Pull = Effect.Effect<Chunk.Chunk<A>, Option.Option<never>>
    const pull: Pull = Effect.suspend(() => {
      const step = source.next()
      switch (step._tag) {
        case "Items":
          return Effect.succeed(Chunk.unsafeFromArray(step.items))
        case "End":
          return Effect.fail(Option.none())
        case "Load":
          return Effect.zipRight(step.fetchMore, pull)
        case "Wait":
          return Effect.async((resume) => {
            const cancel = step.await(() => resume(pull))
            return Effect.sync(cancel)
          })
      }
    })
    return Stream.ensuring(
      Stream.repeatEffectChunkOption(pull),
      Effect.sync(() => source.close?.()),
    )
  })
