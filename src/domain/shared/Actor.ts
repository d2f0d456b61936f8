import { Data, Schema } from "effect"
import { Uuid } from "./Ids"

/** A user's id: a UUID, version 7. */
export const UserId = Uuid.pipe(Schema.brand("UserId"))
export type UserId = typeof UserId.Type

/** A session's id: a UUID, version 7. Access tokens carry it. */
export const SessionId = Uuid.pipe(Schema.brand("SessionId"))
export type SessionId = typeof SessionId.Type

export const Role = Schema.Literal("user", "admin")
export type Role = typeof Role.Type

/** The authenticated user on whose behalf a service acts. Every service method takes one and checks its policy. */
export interface Actor {
  readonly userId: UserId
  readonly sessionId: SessionId
  readonly role: Role
}

export class UserNotFound extends Data.TaggedError("UserNotFound") {
  override get message() {
    return "There is no such user."
  }
}
