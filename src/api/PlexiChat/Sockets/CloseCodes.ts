/** A code with which the server closes a socket, and what it tells the client. */
export interface CloseCode {
  readonly code: number
  readonly meaning: string
}

/** The codes with which the server closes a socket: those below 4000 are of RFC 6455. */
export const closeCodes = {
  normal: { code: 1000, meaning: "The call that the socket was for is over" },
  policyViolation: { code: 1008, meaning: "The client sent too many frames" },
  messageTooBig: { code: 1009, meaning: "The client sent a frame that is too large" },
  internalError: { code: 1011, meaning: "The server failed; connect again and resume" },
  unauthenticated: {
    code: 4401,
    meaning: "Not authenticated in time, the token is invalid or has expired, or its session was revoked",
  },
  notFound: {
    code: 4404,
    meaning: "The channel or conversation does not exist, or the user may not read it any more",
  },
  tooSlow: { code: 4408, meaning: "The client reads too slowly; connect again and resume" },
} as const satisfies Readonly<Record<string, CloseCode>>
