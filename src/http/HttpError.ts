import { Data, Duration } from "effect"

/** A field that is wrong, by its path, and what is wrong with it. */
export interface FieldIssue {
  readonly field: string
  readonly message: string
}

/** What went wrong before, beside or below a contract's own operations, in no contract's shape yet. */
export class Problem extends Data.TaggedError("Problem")<{
  readonly status: number
  readonly code: string
  readonly message: string
  readonly details?: ReadonlyArray<FieldIssue>
  readonly headers?: Record<string, string>
}> {}

export const notFound = new Problem({
  status: 404,
  code: "NOT_FOUND",
  message: "There is nothing at this address.",
})

export const methodNotAllowed = (allowed: ReadonlyArray<string>) =>
  new Problem({
    status: 405,
    code: "METHOD_NOT_ALLOWED",
    message: `This address answers to ${allowed.join(", ")} only.`,
    headers: { allow: allowed.join(", ") },
  })

export const malformedJson = new Problem({
  status: 400,
  code: "MALFORMED_JSON",
  message: "The body is not valid JSON.",
})

export const nestedTooDeeply = new Problem({
  status: 400,
  code: "NESTED_TOO_DEEPLY",
  message: "The body has too many arrays and objects inside one another.",
})

export const unsupportedMediaType = new Problem({
  status: 415,
  code: "UNSUPPORTED_MEDIA_TYPE",
  message: "Send the body as application/json.",
})

export const bodyTooLarge = (limit: number) =>
  new Problem({
    status: 413,
    code: "BODY_TOO_LARGE",
    message: `The body is larger than the ${limit} bytes allowed.`,
  })

/** What is wrong as a sentence: its field and what of it, unless that is a sentence already. */
const sentence = ({ field, message }: FieldIssue) =>
  /^\p{Lu}/u.test(message) ? message : `${field === "" ? "What is sent" : field} ${message}`

export const invalid = (details: ReadonlyArray<FieldIssue>) =>
  new Problem({
    status: 400,
    code: "VALIDATION_ERROR",
    message: details.map(sentence).join("; "),
    details,
  })

export const foreignOrigin = new Problem({
  status: 403,
  code: "FOREIGN_ORIGIN",
  message:
    "A session cookie works only from this site and the origins it allows. Send a bearer token instead.",
})

export const rateLimited = (retryAfter: Duration.Duration) =>
  new Problem({
    status: 429,
    code: "RATE_LIMITED",
    message: "Rate limit exceeded. Please try again later.",
    headers: { "retry-after": String(Math.max(1, Math.ceil(Duration.toSeconds(retryAfter)))) },
  })

/** There is no app yet, or no longer. */
export const unavailable = new Problem({
  status: 503,
  code: "UNAVAILABLE",
  message: "The server is starting or shutting down. Please try again.",
})

/** The database cannot be reached, or cannot be written to for now. */
export const databaseAway = new Problem({
  status: 503,
  code: "DATABASE_UNAVAILABLE",
  message: "The server cannot reach its data at the moment. Please try again.",
  headers: { "retry-after": "5" },
})

/** A bug. Its cause is in the log under the request's id, and nowhere else. */
export const defect = new Problem({
  status: 500,
  code: "INTERNAL_ERROR",
  message: "Something went wrong in the server. Quote the request id when you report it.",
})
