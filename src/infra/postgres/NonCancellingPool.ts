import { type Duration, Effect } from "effect"
import { Pool, type PoolClient, type PoolConfig } from "pg"

type Waiter = (
  error: Error | undefined,
  client: PoolClient | undefined,
  release: (error?: Error | boolean) => void,
) => void

/**
 * pg's pool with two defects fixed.
 *
 * When a fiber is interrupted during a query, sql-pg cancels the server process that ran it, through
 * this pool. By then that process may run another fiber's query, which fails; and in a pool of one,
 * inside a transaction, no connection is free to cancel with. Here the interrupted fiber waits until
 * its query is done instead: queries are short.
 *
 * When pg's own pool ends, it drops the callers that wait for a connection, and they wait forever.
 * This one rejects them.
 */
export class NonCancellingPool extends Pool {
  readonly #clients = new Map<number, PoolClient>()
  readonly #interrupted = new Map<PoolClient, Array<() => void>>()
  readonly #waiting = new Set<Waiter>()
  #connectionCount = 0

  constructor(config: PoolConfig) {
    super(config)
    // The holder of a connection gets its error as well; without a listener the process would exit.
    this.on("error", () => {})
    this.on("connect", (client) => {
      const processID = ++this.#connectionCount
      this.#clients.set(processID, Object.assign(client, { processID }))
      client.on("drain", () => this.#queryDone(client))
      client.once("end", () => {
        this.#clients.delete(processID)
        this.#queryDone(client)
      })
    })
    this.on("release", (_, client) => this.#queryDone(client))
    Object.assign(this, { query: (text: string, done: () => void) => this.#cancel(text, done) })
  }

  override connect(): Promise<PoolClient>
  override connect(waiter: Waiter): void
  override connect(waiter?: Waiter): Promise<PoolClient> | undefined {
    if (waiter === undefined) return super.connect()
    this.#waiting.add(waiter)
    super.connect((error, client, release) => {
      if (this.#waiting.delete(waiter)) waiter(error, client, release)
      else if (error === undefined) release()
    })
    return undefined
  }

  /** Rejects waiting and new callers; lets holders of a connection finish within `timeout`. */
  close(timeout: Duration.DurationInput): Effect.Effect<void> {
    return Effect.promise(() => {
      const ended = this.end()
      for (const waiter of this.#waiting) waiter(new Error("The database is closing"), undefined, () => {})
      this.#waiting.clear()
      return ended
    }).pipe(Effect.interruptible, Effect.timeoutOption(timeout), Effect.asVoid)
  }

  #cancel(text: string, done: () => void) {
    const [, processID] = /^SELECT pg_cancel_backend\((\d+)\)$/.exec(text) ?? []
    if (processID === undefined) throw new Error(`The pool supports only pg_cancel_backend, not: ${text}`)
    const client = this.#clients.get(Number(processID))
    if (client === undefined || ("readyForQuery" in client && client.readyForQuery)) done()
    else this.#interrupted.set(client, [...(this.#interrupted.get(client) ?? []), done])
  }

  #queryDone(client: PoolClient) {
    const waiting = this.#interrupted.get(client) ?? []
    this.#interrupted.delete(client)
    for (const done of waiting) done()
  }
}
