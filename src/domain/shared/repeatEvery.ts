import { type Duration, Effect, Schedule } from "effect"

/** Runs work repeatedly until the scope closes. Failures are logged and do not stop the schedule. */
export const repeatEvery = (interval: Duration.Duration, work: Effect.Effect<void>) =>
  work.pipe(
    Effect.catchAllCause((cause) => Effect.logWarning("scheduled work failed; retrying later", cause)),
    Effect.schedule(Schedule.spaced(interval)),
    Effect.forkScoped,
  )
