import { Data, Duration } from "effect"
import { Unauthenticated } from "../domain/identity/Sessions/Errors"
import type { ApiKeyScope } from "../domain/shared/Actor"

/** An invalid field, by its path, and what is wrong with it. */
export interface FieldIssue {
  readonly field: string
  readonly message: string
}

/** An error outside of a contract's declared errors; the contract renders it in its own format. */
export class HttpError extends Data.TaggedError("HttpError")<{
  readonly status: number
  readonly code: string
  readonly message: string
  readonly fields?: ReadonlyArray<FieldIssue>
  readonly headers?: Record<string, string>
}> {}

export const notFound = new HttpError({
  status: 404,
  code: "NOT_FOUND",
  message: "No route matches this path.",
})

export const methodNotAllowed = (allowed: ReadonlyArray<string>) =>
  new HttpError({
    status: 405,
    code: "METHOD_NOT_ALLOWED",
    message: `This path accepts ${allowed.join(", ")} only.`,
    headers: { allow: allowed.join(", ") },
  })

export const malformedJson = new HttpError({
  status: 400,
  code: "MALFORMED_JSON",
  message: "The body is not valid JSON.",
})

export const jsonTooDeep = new HttpError({
  status: 400,
  code: "JSON_TOO_DEEP",
  message: "The body nests arrays and objects too deeply.",
})

export const malformedForm = new HttpError({
  status: 400,
  code: "MALFORMED_FORM",
  message: "The body is not a valid form.",
})

export const unsupportedMediaType = (supported: string) =>
  new HttpError({
    status: 415,
    code: "UNSUPPORTED_MEDIA_TYPE",
    message: `Send the body as ${supported}.`,
  })

export const payloadTooLarge = (limit: number) =>
  new HttpError({
    status: 413,
    code: "PAYLOAD_TOO_LARGE",
    message: `The body is larger than the ${limit} bytes allowed.`,
  })

/** The connection is closed, because the rest of the body may still arrive. */
export const bodyTimedOut = new HttpError({
  status: 408,
  code: "REQUEST_TIMEOUT",
  message: "The body did not arrive in time.",
  headers: { connection: "close" },
})

/** `size`: that of the whole file, in bytes. */
export const rangeNotSatisfiable = (size: number) =>
  new HttpError({
    status: 416,
    code: "RANGE_NOT_SATISFIABLE",
    message: "The range begins beyond the end of the file.",
    headers: { "content-range": `bytes */${size}` },
  })

/** Returns an issue as a sentence: its field and message, unless the message is a sentence already. */
const toSentence = ({ field, message }: FieldIssue) =>
  /^\p{Lu}/u.test(message) ? message : `${field === "" ? "The request" : field} ${message}`

export const invalid = (fields: ReadonlyArray<FieldIssue>) =>
  new HttpError({
    status: 400,
    code: "VALIDATION_ERROR",
    message: fields.map(toSentence).join("; "),
    fields,
  })

/** A WebSocket's path was requested without a WebSocket handshake. */
export const upgradeRequired = new HttpError({
  status: 426,
  code: "UPGRADE_REQUIRED",
  message: "Connect to this path with a WebSocket.",
  // RFC 6455, 4.4: a client with another version learns which one is supported.
  headers: { upgrade: "websocket", connection: "upgrade", "sec-websocket-version": "13" },
})

export const originNotAllowed = new HttpError({
  status: 403,
  code: "ORIGIN_NOT_ALLOWED",
  message:
    "The session cookie is accepted from this site and from allowed origins only. Send a bearer token instead.",
})

export const unauthenticated = new HttpError({
  status: 401,
  code: "UNAUTHORIZED",
  message: new Unauthenticated().message,
})

/** An API key may not do what only its user may. */
export const apiKeyNotAllowed = new HttpError({
  status: 403,
  code: "API_KEY_NOT_ALLOWED",
  message: "This needs a session: an API key cannot manage keys, passwords, sessions or the account.",
})

export const insufficientScope = (scope: ApiKeyScope) =>
  new HttpError({
    status: 403,
    code: "INSUFFICIENT_SCOPE",
    message: `The API key does not have the scope ${scope}.`,
  })

export const rateLimited = (retryAfter: Duration.Duration) =>
  new HttpError({
    status: 429,
    code: "RATE_LIMITED",
    message: "Rate limit exceeded. Please try again later.",
    headers: { "retry-after": String(Math.max(1, Math.ceil(Duration.toSeconds(retryAfter)))) },
  })

/** The server is starting or shutting down. */
export const unavailable = new HttpError({
  status: 503,
  code: "UNAVAILABLE",
  message: "The server is starting or shutting down. Please try again.",
})

/** The database cannot be reached, or is temporarily read-only. */
export const databaseUnavailable = new HttpError({
  status: 503,
  code: "DATABASE_UNAVAILABLE",
  message: "The database is unavailable. Please try again.",
  headers: { "retry-after": "5" },
})

/** A defect. Its cause is logged under the request's id and never sent. */
export const internalError = new HttpError({
  status: 500,
  code: "INTERNAL_ERROR",
  message: "Something went wrong in the server. Quote the request id when you report it.",
})
