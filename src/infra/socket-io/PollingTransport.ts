// Must be imported first: the modules of this package have circular imports.
import "@socket.io/bun-engine"

import { Parser } from "@socket.io/bun-engine/dist/parser"
import { Polling } from "@socket.io/bun-engine/dist/transports/polling"
import { BodyTooLarge, readRequestBody } from "../bun-http/RequestBody"
import { errorResponse, handshakeErrors } from "./HandshakeErrors"

const utf8 = new TextDecoder()

/** Engine.IO's long-polling transport, with a limit on the posted body and one POST at a time. */
export class PollingTransport extends Polling {
  private posting = false

  override onRequest(source: Request, headers: Headers): Promise<Response> {
    if (source.method === "GET") return super.onRequest(source, headers)
    if (source.method === "POST") return this.onPost(source, headers)
    return Promise.resolve(errorResponse(handshakeErrors.badRequest, headers))
  }

  private async onPost(source: Request, headers: Headers): Promise<Response> {
    if (this.posting) return this.badRequest("data request overlap from client", headers)
    if (source.headers.get("content-type") === "application/octet-stream")
      return this.badRequest("invalid content", headers)
    this.posting = true
    const body = await readRequestBody(source, this.opts.maxHttpBufferSize).catch((error: unknown) =>
      error instanceof BodyTooLarge ? error : undefined,
    )
    this.posting = false
    if (body === undefined) return this.badRequest("data request connection closed prematurely", headers)
    if (body instanceof BodyTooLarge) return new Response(null, { status: 413, headers })
    return this.processPayload(utf8.decode(body), headers)
  }

  private processPayload(payload: string, headers: Headers): Response {
    const packets = Parser.decodePayload(payload)
    for (const packet of packets) this.onPacket(packet)
    const closedByClient = packets.some(({ type }) => type === "close")
    if (this.readyState !== "open" && !closedByClient)
      return errorResponse(handshakeErrors.badRequest, headers)
    headers.set("content-type", "text/html")
    return new Response("ok", { headers })
  }

  /** Rejects an invalid request and closes the session. */
  private badRequest(reason: string, headers: Headers): Response {
    this.onError(reason)
    return new Response(null, { status: 400, headers })
  }

  /** Closes the session of a client that reads too slowly. */
  terminate(): void {
    this.onError("send buffer limit exceeded")
  }
}
