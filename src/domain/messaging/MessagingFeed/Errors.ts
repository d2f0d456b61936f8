import { Data } from "effect"

/** What came after this number is no longer stored, or the number was never given out. */
export class ResumeExpired extends Data.TaggedError("ResumeExpired") {
  override get message() {
    return "Events after this number are no longer stored. Read again what you show."
  }
}
