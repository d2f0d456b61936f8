import { Cause, Predicate } from "effect"

/**
 * PostgreSQL's classes for a connection that is not there or was lost (08), a server that is out of
 * disk, memory or connections (53), one that is shutting down or starting (57P0x), and one that only
 * reads for now, as the embedded one does while its disk is full (25006).
 */
const sqlStates = /^(?:08...|53...|57P0.|25006)$/

/** What the system says of a connection; the others of its names are of files and processes. */
const errnoCodes = /^E(?:CONN\w+|PIPE|TIMEDOUT|HOST\w+|NET\w+|AI_AGAIN)$|^ENOTFOUND$/

/** What pg says of it, without any code. */
const messagePatterns =
  /connection terminated|timeout exceeded when trying to connect|connection error and is not queryable|database is closing/i

const isSqlError = Predicate.isTagged("SqlError")

const isConnectionError = (error: unknown): boolean => {
  if (!Predicate.isRecord(error)) return false
  const { code, message, cause, errors } = error
  if (typeof code === "string" && (sqlStates.test(code) || errnoCodes.test(code))) return true
  if (typeof message === "string" && messagePatterns.test(message)) return true
  // An address with several numbers fails once for each.
  return isConnectionError(cause) || (Array.isArray(errors) && errors.some(isConnectionError))
}

/** Whether something died because the database could not be reached or written to, and may do well a little later. */
export const isDatabaseUnavailable = (cause: Cause.Cause<unknown>): boolean => {
  const error = Cause.squash(cause)
  return isSqlError(error) && isConnectionError(error)
}
