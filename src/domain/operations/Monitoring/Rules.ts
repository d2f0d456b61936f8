/** Classes of errors by status; any other status belongs to its hundred. */
const classes: Readonly<Record<number, string>> = {
  401: "AuthError",
  403: "AuthError",
  404: "NotFoundError",
  409: "ConflictError",
  410: "NotFoundError",
  429: "RateLimitError",
  502: "NetworkError",
  503: "UnavailableError",
  504: "NetworkError",
  507: "StorageError",
}

/** Returns the class of error that a status of 400 or more means. */
export const errorClassOf = (status: number): string =>
  classes[status] ?? (status < 500 ? "ValidationError" : "InternalError")
