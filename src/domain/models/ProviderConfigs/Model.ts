import { Schema } from "effect"
import { UserId } from "../../shared/Actor"
import { Uuid } from "../../shared/Ids"
import { SingleLineText } from "../../shared/Text"
import { type ProviderAccount, ProviderId } from "../ProviderAccount"

export const ProviderConfigId = Uuid.pipe(Schema.brand("ProviderConfigId"))
export type ProviderConfigId = typeof ProviderConfigId.Type

const isBaseUrl = (text: string) => {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return "must be an http or https URL"
  return (url.username === "" && url.password === "") || "must not contain a user name or password"
}

/** Schemas of the fields that a user provides. */
export const ProviderConfigFields = {
  enabled: Schema.Boolean,
  defaultModel: Schema.NullOr(SingleLineText(1, 200)),
  /** Sent in a header, and so limited to what a header can carry. */
  apiKey: Schema.NullOr(
    Schema.Redacted(
      Schema.String.pipe(
        Schema.pattern(/^[\x21-\x7e]{1,1000}$/, {
          message: () => "must be 1 to 1000 ASCII characters without spaces",
        }),
      ),
    ),
  ),
  baseUrl: Schema.NullOr(SingleLineText(1, 2000).pipe(Schema.filter(isBaseUrl))),
}

/** How a user configured a provider: one config per user and provider. */
export const ProviderConfig = Schema.Struct({
  id: ProviderConfigId,
  userId: UserId,
  provider: ProviderId,
  /** Whether the user's calls may go to this provider. */
  enabled: Schema.Boolean,
  /** The provider's own name of the model to use when a request names none. */
  defaultModel: Schema.NullOr(Schema.String),
  baseUrl: Schema.NullOr(Schema.String),
  /** Whether an API key is stored; nothing returns the key itself. */
  hasApiKey: Schema.Boolean,
  createdAt: Schema.DateFromSelf,
  updatedAt: Schema.DateFromSelf,
})
export type ProviderConfig = typeof ProviderConfig.Type

/** The fields to change; null removes a value. */
export type ProviderConfigChange = {
  readonly [Name in keyof typeof ProviderConfigFields]?: (typeof ProviderConfigFields)[Name]["Type"]
}

export type NewProviderConfig = Pick<ProviderConfig, "provider"> & ProviderConfigChange

/** What a call to a provider needs to know of its user's config. */
export interface ProviderSelection {
  readonly defaultModel: string | undefined
  /** The user's own account, if the config has a key or a base URL. */
  readonly account: ProviderAccount | undefined
}
