import type { Server } from "bun"
import type { EffectSocket } from "./EffectSocket"
import { RequestBody } from "./RequestBody"
import type { WebSocketHandler } from "./WebSocketHandler"

/** A request and the response that Bun waits for. */
export class PendingResponse {
  /** Set once a response was sent; read where it arrives before `promise` is called. */
  response: Response | undefined
  /** Whether the connection is a WebSocket now; no response is sent any more. */
  upgraded = false
  /** The WebSocket that lasts no longer than the handling of the request. */
  socket: EffectSocket | undefined
  /** Whether the response is a stream, which keeps the request's scope open. */
  streaming = false
  private resolve: ((response: Response | undefined) => void) | undefined
  private cachedBody: RequestBody | undefined

  constructor(
    readonly source: Request,
    readonly server: Server<WebSocketHandler>,
    /** How long the body may take without progress, in milliseconds. */
    private readonly bodyTimeout: number,
    /** After how many seconds an idle connection is closed. */
    private readonly keepAliveTimeout: number,
  ) {
    // The connection's last response has set it; this one may take any length of time.
    server.timeout(source, 0)
  }

  get body(): RequestBody {
    this.cachedBody ??= new RequestBody(this.source, this.bodyTimeout)
    return this.cachedBody
  }

  /** The client's IP address; undefined once it has disconnected. */
  get address(): string | undefined {
    return this.server.requestIP(this.source)?.address
  }

  /** Sends the response. Only the first call has an effect. */
  respond(response: Response): void {
    // Bun closes the connection on request but omits the header: some clients would send their next request on it.
    if (/^close$/i.test(this.source.headers.get("connection") ?? ""))
      response.headers.set("connection", "close")
    this.response ??= response
    this.resolve?.(response)
  }

  /**
   * Closes the connection when nothing happens on it any more, even if the request's body never ends. Called
   * before a response is sent that is no stream: a stream may be silent for any length of time.
   */
  closeWhenIdle(): void {
    this.server.timeout(this.source, this.keepAliveTimeout)
  }

  /** Upgrades the connection to a WebSocket, which ends the wait for a response. Returns false if that is impossible. */
  upgrade(handler: WebSocketHandler, headers?: Bun.HeadersInit): boolean {
    const options = headers === undefined ? { data: handler } : { data: handler, headers }
    if (!this.server.upgrade(this.source, options)) return false
    this.upgraded = true
    this.resolve?.(undefined)
    return true
  }

  /** Resolves to the response, or to undefined after an upgrade. */
  promise(): Promise<Response | undefined> {
    return new Promise((resolve) => {
      this.resolve = resolve
    })
  }
}
