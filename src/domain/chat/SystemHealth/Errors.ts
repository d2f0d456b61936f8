import { Data } from "effect"

/** A component that the server cannot work without is unavailable. */
export class Unhealthy extends Data.TaggedError("Unhealthy")<{ readonly components: ReadonlyArray<string> }> {
  override get message() {
    return `Unavailable: ${this.components.join(", ")}.`
  }
}
