import { Duration } from "effect"

/** How long a repeated signal counts as a duplicate: long enough for processes of a group to forward it to each other. */
const duplicateSignalWindow = Duration.toMillis("500 millis")

const shutdownSignals = ["SIGINT", "SIGTERM"] as const

/**
 * Ignores duplicates of the first shutdown signal, which starts a graceful shutdown; a later signal
 * then terminates the process. `bun start` forwards the signals that a terminal already sent to the
 * whole process group, so that the server receives each of them twice.
 */
export const debounceShutdownSignals = () => {
  const ignore = () => {}
  const onFirst = () => {
    for (const signal of shutdownSignals) process.off(signal, onFirst).on(signal, ignore)
    setTimeout(() => {
      for (const signal of shutdownSignals) process.off(signal, ignore)
    }, duplicateSignalWindow).unref()
  }
  for (const signal of shutdownSignals) process.on(signal, onFirst)
}
