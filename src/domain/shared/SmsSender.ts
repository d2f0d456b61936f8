import { Context, Data, type Effect } from "effect"

/** The text message could not be handed over. Has no cause: a reply may repeat number or text. */
export class SmsFailed extends Data.TaggedError("SmsFailed") {
  override get message() {
    return "The text message could not be sent. Please try again."
  }
}

/** Sends text messages, if the server is configured to. */
export class SmsSender extends Context.Tag("SmsSender")<
  SmsSender,
  {
    readonly isConfigured: boolean
    /** Returns once the message is handed over for delivery. */
    readonly send: (phone: string, text: string) => Effect.Effect<void, SmsFailed>
  }
>() {}
