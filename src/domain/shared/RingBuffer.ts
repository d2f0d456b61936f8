/** Keeps the latest values that were added, up to a maximum number. */
export class RingBuffer<A> {
  private readonly values: Array<A> = []
  private next = 0

  constructor(private readonly capacity: number) {}

  add(value: A): void {
    this.values[this.next] = value
    this.next = (this.next + 1) % this.capacity
  }

  /** Returns the values, latest first. */
  latest(): ReadonlyArray<A> {
    return [...this.values.slice(this.next), ...this.values.slice(0, this.next)].reverse()
  }
}
