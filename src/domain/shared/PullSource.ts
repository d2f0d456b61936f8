import { Chunk, Effect, Option, Stream } from "effect"

/** What there is to do next about a feed. */
export type Pull<A> =
  /** These have come since the last time. */
  | { readonly _tag: "Items"; readonly items: ReadonlyArray<A> }
  /** Nothing yet: `wake` is called, once, when there is. The function it gives back takes that back. */
  | { readonly _tag: "Wait"; readonly await: (wake: () => void) => () => void }
  /** The next items are elsewhere: run this, then ask again. */
  | { readonly _tag: "Load"; readonly fetchMore: Effect.Effect<void> }
  | { readonly _tag: "End" }

/**
 * Something that is read as it grows, by one reader. Its steps are plain calls, so that a reader
 * for whom every microsecond counts need not wake a fiber for each; for all others it is a
 * `Stream`.
 */
export interface PullSource<A> {
  readonly next: () => Pull<A>
}

export const toStream = <A>(open: () => PullSource<A>): Stream.Stream<A> =>
  Stream.suspend(() => {
    const feed = open()
    type Pull = Effect.Effect<Chunk.Chunk<A>, Option.Option<never>>
    const pull: Pull = Effect.suspend(() => {
      const step = feed.next()
      switch (step._tag) {
        case "Items":
          return Effect.succeed(Chunk.unsafeFromArray(step.items))
        case "End":
          return Effect.fail(Option.none())
        case "Load":
          return Effect.zipRight(step.fetchMore, pull)
        case "Wait":
          return Effect.async((resume) => {
            const forget = step.await(() => resume(pull))
            return Effect.sync(forget)
          })
      }
    })
    return Stream.repeatEffectChunkOption(pull)
  })
