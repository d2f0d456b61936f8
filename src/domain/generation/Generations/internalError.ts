/** What readers are told of a bug; the cause is in the server's log. */
export const internalFailure = {
  code: "INTERNAL_ERROR",
  message: "Something went wrong in the server while it was writing this answer. Try again.",
}
