import { Context, Data, type Effect, type Redacted } from "effect"

/** What a secret belongs to. It is authenticated with the secret, which cannot be opened as another's. */
export interface SecretOwner {
  /** The id of the user. */
  readonly userId: string
  /** What the secret is for, such as `api key of openai`. */
  readonly purpose: string
}

/** The secret was sealed with a key that is not configured any more, for another owner, or was altered. */
export class SecretUnreadable extends Data.TaggedError("SecretUnreadable") {
  override get message() {
    return "A stored secret cannot be decrypted."
  }
}

/** Encrypts secrets of users for storage, such as their API keys. */
export class SecretBox extends Context.Tag("SecretBox")<
  SecretBox,
  {
    /** Encrypts a secret, differently each time. The result is text that begins with `prefix`. */
    readonly seal: (secret: Redacted.Redacted, owner: SecretOwner) => Effect.Effect<string>
    /** Decrypts a sealed secret of the same owner. */
    readonly open: (sealed: string, owner: SecretOwner) => Effect.Effect<Redacted.Redacted, SecretUnreadable>
    /** Identifies the current key; a secret sealed with a previous one begins with another text. */
    readonly prefix: string
  }
>() {}
