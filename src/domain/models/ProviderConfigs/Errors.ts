import { Data } from "effect"

/** The actor has no config of this provider. */
export class ProviderConfigNotFound extends Data.TaggedError("ProviderConfigNotFound") {
  override get message() {
    return "You have not configured this provider."
  }
}

/** The actor has a config of this provider already. */
export class ProviderConfigExists extends Data.TaggedError("ProviderConfigExists") {
  override get message() {
    return "You have configured this provider already."
  }
}

/** The actor's config disables the provider. */
export class ProviderDisabled extends Data.TaggedError("ProviderDisabled") {
  override get message() {
    return "You have disabled this provider in your configuration."
  }
}

/** The stored API key can no longer be decrypted. */
export class ApiKeyUnreadable extends Data.TaggedError("ApiKeyUnreadable") {
  override get message() {
    return "Your API key for this provider can no longer be decrypted. Enter it again."
  }
}
