import { Schema } from "effect"
import { ApiKeyScope, SessionId } from "../../shared/Actor"
import { SingleLineText } from "../../shared/Text"

/** An API key's id, which takes the place of a session's: connections of the key close when it is revoked. */
export const ApiKeyId = SessionId.pipe(Schema.brand("ApiKeyId"))
export type ApiKeyId = typeof ApiKeyId.Type

/** A key with which a program acts as its user. The key itself is shown once and stored as a hash. */
export const ApiKey = Schema.Struct({
  id: ApiKeyId,
  name: Schema.String,
  scopes: Schema.Array(ApiKeyScope),
  createdAt: Schema.DateFromSelf,
  /** Null: it never expires. */
  expiresAt: Schema.NullOr(Schema.DateFromSelf),
  /** Null until its first use; exact to a minute. */
  lastUsedAt: Schema.NullOr(Schema.DateFromSelf),
})
export type ApiKey = typeof ApiKey.Type

/** What a user chooses: a name of 1 to 100 characters. */
export const ApiKeyName = SingleLineText(1, 100)

export interface NewApiKey {
  readonly name: string
  /** By default all that the user may do. */
  readonly scopes?: ReadonlyArray<ApiKeyScope> | undefined
  readonly expiresAt?: Date | null | undefined
}
