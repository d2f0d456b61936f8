import { Data } from "effect"

/** No provider could list its models. */
export class ModelsUnavailable extends Data.TaggedError("ModelsUnavailable") {
  override get message() {
    return "No model provider could list its models. Try again later."
  }
}

/** One provider could not list its models; `reason` is for the administrator's log. */
export class ListModelsFailed extends Data.TaggedError("ListModelsFailed")<{
  readonly provider: string
  readonly reason: string
}> {
  override get message() {
    return `${this.provider} did not list its models: ${this.reason}`
  }
}
