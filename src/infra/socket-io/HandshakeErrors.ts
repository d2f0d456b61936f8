/** What a request is refused for, as the number that a client is told. */
export const refusals = {
  unknownTransport: { code: 0, message: "Transport unknown" },
  unknownSession: { code: 1, message: "Session ID unknown" },
  badHandshakeMethod: { code: 2, message: "Bad handshake method" },
  badRequest: { code: 3, message: "Bad request" },
  unsupportedVersion: { code: 5, message: "Unsupported protocol version" },
} as const

export type Refusal = (typeof refusals)[keyof typeof refusals]

/** A request in the protocol's own terms. */
export interface Asked {
  readonly method: string
  readonly query: URLSearchParams
  /** Whether it asks for a websocket. */
  readonly upgrades: boolean
  /** The transport of the session that it names, if there is such a session. */
  readonly current: string | undefined
}

/** Why a request is refused, if it is: the reference server's checks, in its order. */
export const refusalOf = ({ method, query, upgrades, current }: Asked): Refusal | undefined => {
  const transport = query.get("transport")
  const speaksOurVersion = query.get("EIO") === "4"
  if (transport !== "polling" && transport !== "websocket") return refusals.unknownTransport
  if (query.get("sid")) {
    if (current === undefined) return refusals.unknownSession
    const fits = upgrades || current === transport
    return fits && speaksOurVersion ? undefined : refusals.badRequest
  }
  if (method !== "GET") return refusals.badHandshakeMethod
  if (transport === "websocket" && !upgrades) return refusals.badRequest
  return speaksOurVersion ? undefined : refusals.unsupportedVersion
}

/** The answer to what is refused: of a request for a websocket no client reads more than the status. */
export const refuse = (refusal: Refusal, headers: Headers, upgrades = false): Response => {
  headers.set("content-type", upgrades ? "text/html" : "application/json")
  return new Response(upgrades ? refusal.message : JSON.stringify(refusal), { status: 400, headers })
}
