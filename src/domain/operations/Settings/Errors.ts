import { Data } from "effect"

/** The server's configuration sets the setting, so it cannot be changed while the server runs. */
export class SettingLocked extends Data.TaggedError("SettingLocked") {
  override get message() {
    return "The server's configuration sets this setting."
  }
}

/** No configured provider serves the model that should become the default. */
export class DefaultModelUnknown extends Data.TaggedError("DefaultModelUnknown") {
  override get message() {
    return "No configured provider serves this model."
  }
}
