import { type Duration, Effect } from "effect"
import { Pool, type PoolClient } from "pg"

type Waiter = (
  error: Error | undefined,
  client?: PoolClient,
  release?: (error?: Error | boolean) => void,
) => void

/**
 * A pool whose end is heard: pg's own forgets those who wait for a connection when it ends, and
 * they would wait for ever.
 */
export class ClosablePool extends Pool {
  readonly #waiting = new Set<Waiter>()

  override connect(): Promise<PoolClient>
  override connect(waiter: Waiter): void
  override connect(waiter?: Waiter): Promise<PoolClient> | undefined {
    if (waiter === undefined) return super.connect()
    this.#waiting.add(waiter)
    super.connect((error, client, release) => {
      if (this.#waiting.delete(waiter)) waiter(error, client, release)
      else release()
    })
    return undefined
  }

  /** Refuses those who wait and those who come, lets those who have a connection finish for `patience`. */
  close(patience: Duration.DurationInput): Effect.Effect<void> {
    return Effect.promise(() => {
      const ended = this.end()
      for (const waiter of this.#waiting) waiter(new Error("The database is closing"))
      this.#waiting.clear()
      return ended
    }).pipe(Effect.interruptible, Effect.timeoutOption(patience), Effect.asVoid)
  }
}
