import { Data } from "effect"
import type { ScopeKind } from "./Model"

/** The scope does not exist, or the actor is not a member of it; the two look alike. */
export class ScopeNotFound extends Data.TaggedError("ScopeNotFound")<{ readonly kind: ScopeKind }> {
  get code() {
    return `${this.kind.toUpperCase()}_NOT_FOUND`
  }
  override get message() {
    return `There is no such ${this.kind}.`
  }
}

export class MemberNotFound extends Data.TaggedError("MemberNotFound") {
  override get message() {
    return "There is no such member."
  }
}

/** The actor is a member, but their role does not permit this. */
export class NotPermitted extends Data.TaggedError("NotPermitted") {
  override get message() {
    return "Your role does not permit this."
  }
}

export class AlreadyMember extends Data.TaggedError("AlreadyMember") {
  override get message() {
    return "This user is already a member."
  }
}

/** The last owner can neither leave, be removed nor get another role. */
export class LastOwner extends Data.TaggedError("LastOwner")<{ readonly kind: ScopeKind }> {
  override get message() {
    return `The ${this.kind} must keep an owner.`
  }
}
