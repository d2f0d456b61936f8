import { Context, type Effect, type Redacted } from "effect"

/** Slow, salted hashing of passwords, off the event loop and only so many at once. */
export class PasswordHasher extends Context.Tag("PasswordHasher")<
  PasswordHasher,
  {
    readonly hash: (password: Redacted.Redacted) => Effect.Effect<string>
    /** Takes the same time with no hash to compare to, and is then false. */
    readonly verify: (password: Redacted.Redacted, hash: string | undefined) => Effect.Effect<boolean>
  }
>() {}
