/** The codes with which the server closes a socket, besides those of RFC 6455. */
export const closeCodes = {
  /** RFC 6455: the socket has served its purpose, for its call is over. */
  normal: 1000,
  /** RFC 6455: too many frames. */
  policyViolation: 1008,
  /** RFC 6455: a frame is larger than the server accepts. */
  messageTooBig: 1009,
  /** RFC 6455: the server failed. */
  internalError: 1011,
  /** Not authenticated in time, the token is invalid or has expired, or its session was revoked. */
  unauthenticated: 4401,
  /** The channel or conversation does not exist, or the user may not read it any more. */
  notFound: 4404,
  /** The client reads too slowly. It can connect again and resume. */
  tooSlow: 4408,
} as const
