import { randomBytes } from "node:crypto"
import { EventEmitter } from "node:events"
import type { ServerOptions } from "@socket.io/bun-engine"
import type { Server } from "bun"
import { pathAndQuery } from "../bun-http/Path"
import type { UpgradeHandler } from "../bun-http/UpgradeHandler"
import type { WebSocketHandler } from "../bun-http/WebSocketHandler"
import { errorResponse, handshakeErrors, validateHandshake } from "./HandshakeErrors"
import { PollingTransport } from "./PollingTransport"
import { Session } from "./Session"
import { WebSocketTransport } from "./WebSocketTransport"

interface Options extends ServerOptions {
  /** Headers added to every response, such as those of CORS. */
  readonly headers: (source: Request) => Readonly<Record<string, string>>
}

/** Close code 1012 (RFC 6455 registry): the server is restarting. */
const WS_SERVICE_RESTART = 1012

/** Closes a WebSocket right after the upgrade, as the reference server rejects one. */
const rejectingHandler: WebSocketHandler = {
  onOpen: (ws) => ws.close(),
  onMessage: () => {},
  onDrain: () => {},
  onClose: () => {},
}

/**
 * Engine.IO 4 on the port of another server. Sessions, heartbeats and transports come from
 * @socket.io/bun-engine; handshake validation and error responses follow the reference server.
 * Emits `connection` with each new session, as Socket.IO's server expects from an engine.
 */
export class Engine extends EventEmitter implements UpgradeHandler {
  private readonly sessions = new Map<string, Session>()
  readonly maxMessageSize: number
  private readonly paths: ReadonlyArray<string>

  constructor(private readonly options: Options) {
    super()
    this.maxMessageSize = options.maxHttpBufferSize
    this.paths = [options.path, `${options.path}/`]
  }

  /** The number of connected clients. */
  get clientsCount(): number {
    return this.sessions.size
  }

  readonly matches = (path: string): boolean =>
    path.startsWith(this.options.path) && this.paths.includes(path.split("?", 1)[0] ?? "")

  readonly handle = (
    source: Request,
    server: Server<WebSocketHandler>,
  ): Response | Promise<Response> | undefined => {
    const url = new URL(pathAndQuery(source.url), "http://parley")
    const query = url.searchParams
    const headers = this.headersFor(source)
    if (source.method === "OPTIONS") return this.preflight(source, headers)
    const isUpgrade = source.headers.get("upgrade")?.toLowerCase() === "websocket"
    const session = this.sessions.get(query.get("sid") ?? "")
    const currentTransport = session?.transport.name
    const error = validateHandshake({ method: source.method, query, isUpgrade, currentTransport })
    if (error !== undefined) return errorResponse(error, headers, isUpgrade)
    if (isUpgrade) return this.upgrade(source, server, url, headers, session)
    if (session?.transport instanceof PollingTransport) return session.transport.onRequest(source, headers)
    const transport = new PollingTransport(this.options)
    const address = server.requestIP(source)?.address
    const response = transport.onRequest(source, headers)
    this.openSession(source, url, transport, address)
    return response
  }

  /** Closes every session; WebSocket clients get close code 1012. */
  close(): void {
    for (const session of this.sessions.values())
      session.closeWith(WS_SERVICE_RESTART, "The server is restarting")
  }

  private upgrade(
    source: Request,
    server: Server<WebSocketHandler>,
    url: URL,
    headers: Headers,
    session: Session | undefined,
  ): Response | undefined {
    // Read before the upgrade: afterwards the server no longer knows the address.
    const address = server.requestIP(source)?.address
    const accepted = url.searchParams.get("transport") === "websocket" && (session?.canUpgrade ?? true)
    const transport = new WebSocketTransport(this.options)
    if (!server.upgrade(source, { headers, data: accepted ? transport.handler : rejectingHandler }))
      return errorResponse(handshakeErrors.badRequest, headers, true)
    if (!accepted) return undefined
    if (session === undefined) this.openSession(source, url, transport, address)
    else session.upgradeTo(transport)
    return undefined
  }

  private openSession(
    source: Request,
    url: URL,
    transport: PollingTransport | WebSocketTransport,
    address: string | undefined,
  ): void {
    const id = randomBytes(15).toString("base64url")
    const request = {
      url: url.pathname + url.search,
      headers: Object.fromEntries(source.headers),
      _query: Object.fromEntries(url.searchParams),
      connection: { encrypted: url.protocol === "https:" },
    }
    const session = new Session(id, this.options, transport, request, address)
    this.sessions.set(id, session)
    session.once("close", () => this.sessions.delete(id))
    this.emit("connection", session)
  }

  private headersFor(source: Request): Headers {
    const headers = new Headers(this.options.headers(source))
    headers.set("cache-control", "no-store")
    // Bun closes the connection on request but omits the header: some clients would send their next request on it.
    if (source.headers.get("connection")?.toLowerCase() === "close") headers.set("connection", "close")
    return headers
  }

  /** Answers a CORS preflight request. */
  private preflight(source: Request, headers: Headers): Response {
    headers.set("access-control-allow-methods", "GET, POST")
    headers.set(
      "access-control-allow-headers",
      source.headers.get("access-control-request-headers") ?? "Content-Type",
    )
    headers.set("access-control-max-age", "7200")
    return new Response(null, { status: 204, headers })
  }
}
