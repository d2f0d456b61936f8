import { Duration } from "effect"
import type { SessionId, UserId } from "../../shared/Actor"

/** How long an access token holds. */
export const accessLifetime = Duration.minutes(15)

/** How long a session lasts after it was opened or last refreshed. */
export const sessionLifetime = Duration.days(30)

export interface Session {
  readonly id: SessionId
  readonly userId: UserId
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** What a newly opened session hands out, once. */
export interface OpenedSession {
  readonly accessToken: string
  readonly refreshToken: string
  /** The value of the session cookie: good for as long as the session is. */
  readonly cookie: string
}
