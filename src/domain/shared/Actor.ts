import { Data, Schema } from "effect"
import { Uuid } from "./Ids"

/** A user's id: a UUID, version 7. */
export const UserId = Uuid.pipe(Schema.brand("UserId"))
export type UserId = typeof UserId.Type

/** A session's id: a UUID, version 7. Access tokens carry it. An API key counts as a session with the key's id. */
export const SessionId = Uuid.pipe(Schema.brand("SessionId"))
export type SessionId = typeof SessionId.Type

/**
 * What an API key permits: `read` what changes nothing, `write` what changes something, and `admin` the role
 * of an administrator, if the user has it.
 */
export const ApiKeyScope = Schema.Literal("read", "write", "admin")
export type ApiKeyScope = typeof ApiKeyScope.Type

export const Role = Schema.Literal("user", "admin")
export type Role = typeof Role.Type

/** The authenticated user on whose behalf a service acts. Every service method takes one and checks its policy. */
export interface Actor {
  readonly userId: UserId
  /** The session, or the API key, that authenticated the user: once it is revoked, their connections close. */
  readonly sessionId: SessionId
  readonly role: Role
  /** What the API key permits that authenticated the user; absent for a session, which permits everything. */
  readonly scopes?: ReadonlyArray<ApiKeyScope>
}

export class UserNotFound extends Data.TaggedError("UserNotFound") {
  override get message() {
    return "There is no such user."
  }
}
