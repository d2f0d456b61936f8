import { Context, Schema } from "effect"
import { MAX_INT4 } from "../ConfigHelpers"
import { MultilineText, SingleLineText } from "../Text"

/** Maximum token limit: small enough that the database can add up many of them. */
export const MAX_TOKENS_LIMIT = 1_000_000_000_000

/** The settings that an administrator can change while servers run. */
export const SettingsValues = Schema.Struct({
  /** Whether anybody may register. */
  registrationOpen: Schema.Boolean,
  /** The id of the model that answers when none is chosen. */
  defaultModel: SingleLineText(1, 200),
  /** The token limit of new users; -1 for no limit. */
  tokensLimit: Schema.Int.pipe(Schema.between(-1, MAX_TOKENS_LIMIT)),
  /** The maximum size of an uploaded file, in bytes. */
  maxFileBytes: Schema.Int.pipe(Schema.between(1, MAX_INT4)),
  /** A message of the day for all users; empty for none. */
  motd: MultilineText(0, 2000),
})
export type SettingsValues = typeof SettingsValues.Type
export type SettingName = keyof SettingsValues

/** What the server's configuration says about settings. */
export class ConfiguredSettings extends Context.Tag("ConfiguredSettings")<
  ConfiguredSettings,
  {
    /** The values of settings that nobody changed. */
    readonly values: SettingsValues
    /** The settings that the configuration sets, which nobody can change while the server runs. */
    readonly locked: ReadonlySet<SettingName>
    /** Whether a configured provider serves the model id. */
    readonly servesModel: (id: string) => boolean
  }
>() {}
