// First, since the parts of this package import one another in circles.
import "@socket.io/bun-engine"

import { Parser } from "@socket.io/bun-engine/dist/parser"
import { Polling } from "@socket.io/bun-engine/dist/transports/polling"
import { BodyTooLarge, readAtMost } from "../bun-http/RequestBody"
import { refusals, refuse } from "./HandshakeErrors"

const utf8 = new TextDecoder()

/** The engine's long-polling, which reads no more of what is posted than it may, one request at a time. */
export class PollingTransport extends Polling {
  private posting = false

  override onRequest(source: Request, headers: Headers): Promise<Response> {
    if (source.method === "GET") return super.onRequest(source, headers)
    if (source.method === "POST") return this.onPost(source, headers)
    return Promise.resolve(refuse(refusals.badRequest, headers))
  }

  private async onPost(source: Request, headers: Headers): Promise<Response> {
    if (this.posting) return this.broken("data request overlap from client", headers)
    if (source.headers.get("content-type") === "application/octet-stream")
      return this.broken("invalid content", headers)
    this.posting = true
    const body = await readAtMost(source, this.opts.maxHttpBufferSize).catch((error: unknown) =>
      error instanceof BodyTooLarge ? error : undefined,
    )
    this.posting = false
    if (body === undefined) return this.broken("data request connection closed prematurely", headers)
    if (body instanceof BodyTooLarge) return new Response(null, { status: 413, headers })
    return this.take(utf8.decode(body), headers)
  }

  private take(payload: string, headers: Headers): Response {
    const packets = Parser.decodePayload(payload)
    for (const packet of packets) this.onPacket(packet)
    const closedByClient = packets.some(({ type }) => type === "close")
    if (this.readyState !== "open" && !closedByClient) return refuse(refusals.badRequest, headers)
    headers.set("content-type", "text/html")
    return new Response("ok", { headers })
  }

  /** Ends the session for a request that must not be. */
  private broken(why: string, headers: Headers): Response {
    this.onError(why)
    return new Response(null, { status: 400, headers })
  }

  /** Ends the session. */
  breakOff(): void {
    this.onError("too much waits for the client")
  }
}
