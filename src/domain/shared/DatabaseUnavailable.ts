import { Cause, Predicate } from "effect"

/**
 * The SQLSTATE classes of connection failures (08), of a server that is out of disk, memory or
 * connections (53) or that is shutting down or starting up (57P0x), and of a read-only transaction,
 * which the embedded database reports while its disk is full (25006).
 */
const sqlStates = /^(?:08...|53...|57P0.|25006)$/

/** The system error codes that concern connections; the remaining ones concern files and processes. */
const errnoCodes = /^E(?:CONN\w+|PIPE|TIMEDOUT|HOST\w+|NET\w+|AI_AGAIN)$|^ENOTFOUND$/

/** The messages of connection errors that pg reports without a code. */
const messagePatterns =
  /connection terminated|timeout exceeded when trying to connect|connection error and is not queryable|database is closing/i

const isSqlError = Predicate.isTagged("SqlError")

const isConnectionError = (error: unknown): boolean => {
  if (!Predicate.isRecord(error)) return false
  const { code, message, cause, errors } = error
  if (typeof code === "string" && (sqlStates.test(code) || errnoCodes.test(code))) return true
  if (typeof message === "string" && messagePatterns.test(message)) return true
  // A host name with several addresses yields one error per address.
  return isConnectionError(cause) || (Array.isArray(errors) && errors.some(isConnectionError))
}

/** Returns whether a failure comes from an unreachable or unwritable database, so that a later retry may succeed. */
export const isDatabaseUnavailable = (cause: Cause.Cause<unknown>): boolean => {
  const error = Cause.squash(cause)
  return isSqlError(error) && isConnectionError(error)
}
