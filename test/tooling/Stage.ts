import type { Effect } from "effect"

/** What a stage found. Whatever failed is told whole in `output`. */
export interface Outcome {
  readonly passed: number
  readonly failed: number
  /** The names of the tests that were not run, each with what it misses. */
  readonly skipped: ReadonlyArray<string>
  readonly output: string
}

/** One part of `bun run test`. A stage that finds nothing to do has failed. */
export interface Stage {
  readonly name: string
  readonly run: Effect.Effect<Outcome>
}

export const failure = (output: string): Outcome => ({ passed: 0, failed: 1, skipped: [], output })
export const success: Outcome = { passed: 1, failed: 0, skipped: [], output: "" }
