import { randomBytes } from "node:crypto"
import { EventEmitter } from "node:events"
import type { ServerOptions } from "@socket.io/bun-engine"
import type { Server } from "bun"
import { pathOf } from "../bun-http/Path"
import type { Neighbour } from "../bun-http/UpgradeHandler"
import type { Peer } from "../bun-http/WebSocketHandler"
import { refusalOf, refusals, refuse } from "./HandshakeErrors"
import { PollingTransport } from "./PollingTransport"
import { Session } from "./Session"
import { WebSocketTransport } from "./WebSocketTransport"

interface Options extends ServerOptions {
  /** What every answer to a request has among its headers. */
  readonly headers: (source: Request) => Readonly<Record<string, string>>
}

/** The close code of a server that is about to be started again. */
const restarting = 1012

/** A websocket that is let in only to be shown out, as the reference server does it. */
const unwelcome: Peer = {
  opened: (ws) => ws.close(),
  received: () => {},
  drained: () => {},
  closed: () => {},
}

/**
 * Engine.IO 4 on the port of another server. Sessions, their heartbeats and transports are those of
 * @socket.io/bun-engine; who is let in, and what others are answered, is as on the reference server.
 * Emits `connection` with each new session, as Socket.IO's server wants of an engine.
 */
export class Engine extends EventEmitter implements Neighbour {
  private readonly sessions = new Map<string, Session>()
  readonly maxMessageSize: number
  private readonly paths: ReadonlyArray<string>

  constructor(private readonly options: Options) {
    super()
    this.maxMessageSize = options.maxHttpBufferSize
    this.paths = [options.path, `${options.path}/`]
  }

  /** How many clients there are. */
  get clientsCount(): number {
    return this.sessions.size
  }

  readonly owns = (path: string): boolean =>
    path.startsWith(this.options.path) && this.paths.includes(path.split("?", 1)[0] ?? "")

  readonly answer = (source: Request, server: Server<Peer>): Response | Promise<Response> | undefined => {
    const url = new URL(pathOf(source.url), "http://parley")
    const query = url.searchParams
    const headers = this.headersFor(source)
    if (source.method === "OPTIONS") return this.preflight(source, headers)
    const upgrades = source.headers.get("upgrade")?.toLowerCase() === "websocket"
    const session = this.sessions.get(query.get("sid") ?? "")
    const current = session?.transport.name
    const refusal = refusalOf({ method: source.method, query, upgrades, current })
    if (refusal !== undefined) return refuse(refusal, headers, upgrades)
    if (upgrades) return this.upgrade(source, server, url, headers, session)
    if (session?.transport instanceof PollingTransport) return session.transport.onRequest(source, headers)
    const transport = new PollingTransport(this.options)
    const address = server.requestIP(source)?.address
    const opened = transport.onRequest(source, headers)
    this.begin(source, url, transport, address)
    return opened
  }

  /** Tells every client that the server is going, and ends its session. */
  close(): void {
    for (const session of this.sessions.values()) session.closeFor(restarting, "The server is restarting")
  }

  private upgrade(
    source: Request,
    server: Server<Peer>,
    url: URL,
    headers: Headers,
    session: Session | undefined,
  ): Response | undefined {
    // Asked for now: once the connection is a websocket's the server no longer knows.
    const address = server.requestIP(source)?.address
    const welcome = url.searchParams.get("transport") === "websocket" && (session?.mayUpgrade ?? true)
    const transport = new WebSocketTransport(this.options)
    if (!server.upgrade(source, { headers, data: welcome ? transport : unwelcome }))
      return refuse(refusals.badRequest, headers, true)
    if (!welcome) return undefined
    if (session === undefined) this.begin(source, url, transport, address)
    else session.upgradeTo(transport)
    return undefined
  }

  private begin(
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
    // Bun hangs up when it is asked to, but does not say so: some clients would send the next request into it.
    if (source.headers.get("connection")?.toLowerCase() === "close") headers.set("connection", "close")
    return headers
  }

  /** Answers a browser that asks beforehand what it may send. */
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
