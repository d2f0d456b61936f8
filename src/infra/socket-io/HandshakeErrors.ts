/** Engine.IO's handshake errors, with the codes that the protocol defines. */
export const handshakeErrors = {
  unknownTransport: { code: 0, message: "Transport unknown" },
  unknownSession: { code: 1, message: "Session ID unknown" },
  badHandshakeMethod: { code: 2, message: "Bad handshake method" },
  badRequest: { code: 3, message: "Bad request" },
  unsupportedVersion: { code: 5, message: "Unsupported protocol version" },
} as const

export type HandshakeError = (typeof handshakeErrors)[keyof typeof handshakeErrors]

/** The properties of a request that the handshake validation depends on. */
export interface HandshakeRequest {
  readonly method: string
  readonly query: URLSearchParams
  /** Whether the request is for an upgrade to WebSocket. */
  readonly isUpgrade: boolean
  /** The transport of the session in `sid`; undefined if no such session exists. */
  readonly currentTransport: string | undefined
}

/** Returns the error to reject a request with, or undefined. Same checks in the same order as the reference server. */
export const validateHandshake = ({
  method,
  query,
  isUpgrade,
  currentTransport,
}: HandshakeRequest): HandshakeError | undefined => {
  const transport = query.get("transport")
  const isVersionSupported = query.get("EIO") === "4"
  if (transport !== "polling" && transport !== "websocket") return handshakeErrors.unknownTransport
  if (query.get("sid")) {
    if (currentTransport === undefined) return handshakeErrors.unknownSession
    const transportMatches = isUpgrade || currentTransport === transport
    return transportMatches && isVersionSupported ? undefined : handshakeErrors.badRequest
  }
  if (method !== "GET") return handshakeErrors.badHandshakeMethod
  if (transport === "websocket" && !isUpgrade) return handshakeErrors.badRequest
  return isVersionSupported ? undefined : handshakeErrors.unsupportedVersion
}

/** Builds the response to a rejected request. After a failed upgrade clients read only the status. */
export const errorResponse = (error: HandshakeError, headers: Headers, isUpgrade = false): Response => {
  headers.set("content-type", isUpgrade ? "text/html" : "application/json")
  return new Response(isUpgrade ? error.message : JSON.stringify(error), { status: 400, headers })
}
