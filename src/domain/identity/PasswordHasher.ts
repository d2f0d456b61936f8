import { Context, type Effect, type Redacted } from "effect"

/** Hashes passwords slowly and with a salt, off the event loop and with bounded concurrency. */
export class PasswordHasher extends Context.Tag("PasswordHasher")<
  PasswordHasher,
  {
    readonly hash: (password: Redacted.Redacted) => Effect.Effect<string>
    /** Returns false without a hash, but takes the same time, so that timing does not reveal which users exist. */
    readonly verify: (password: Redacted.Redacted, hash: string | undefined) => Effect.Effect<boolean>
  }
>() {}
