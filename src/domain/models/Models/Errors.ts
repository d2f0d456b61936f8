import { Data } from "effect"

/** Not one provider told which models it has. */
export class CatalogueUnavailable extends Data.TaggedError("CatalogueUnavailable") {
  override get message() {
    return "No model provider could be asked which models it has. Try again later."
  }
}

/** One provider did not tell which models it has; `reason` is for the administrator's log. */
export class ListingFailed extends Data.TaggedError("ListingFailed")<{
  readonly provider: string
  readonly reason: string
}> {
  override get message() {
    return `${this.provider} did not list its models: ${this.reason}`
  }
}
