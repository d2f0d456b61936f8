import { Duration } from "effect"
import type { SessionId, UserId } from "../../shared/Actor"

/** How long an access token is valid. */
export const accessTokenTtl = Duration.minutes(15)

/** How long a session is valid after it was created or last refreshed. */
export const sessionTtl = Duration.days(30)

/** What every API key begins with, unlike an access token. */
export const apiKeyPrefix = "pk_"

export interface Session {
  readonly id: SessionId
  readonly userId: UserId
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** The secrets of a new session. They are returned once; only their hashes are stored. */
export interface SessionTokens {
  readonly accessToken: string
  readonly refreshToken: string
  /** The value of the session cookie, valid as long as the session. */
  readonly cookie: string
}
