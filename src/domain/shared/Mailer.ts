import { Context, type Effect } from "effect"

/** A mail in plain text. */
export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
}

/**
 * Sends mails. `send` accepts a mail and returns at once; delivery is attempted in the background, a few
 * times, and never fails the caller. Call it after the transaction that the mail is about has committed.
 */
export class Mailer extends Context.Tag("Mailer")<
  Mailer,
  {
    readonly send: (mail: Mail) => Effect.Effect<void>
    /** False if mails only go to files, so that nobody can be expected to have read them. */
    readonly reachesPeople: boolean
  }
>() {}
