import type { Server } from "bun"
import type { SocketPeer } from "./EffectSocket"
import { RequestBody } from "./RequestBody"
import type { Peer } from "./WebSocketHandler"

/** One request and the answer that Bun waits for. */
export class Exchange {
  /** What was answered before anyone waited for it. */
  answered: Response | undefined
  /** The websocket that the connection has become, after which it has no use for an answer. */
  peer: SocketPeer | undefined
  /** Whether the answer is a stream that the request's scope is kept open for. */
  streams = false
  private deliver: ((response: Response | undefined) => void) | undefined
  private knownBody: RequestBody | undefined

  constructor(
    readonly source: Request,
    readonly server: Server<Peer>,
  ) {}

  get body(): RequestBody {
    this.knownBody ??= new RequestBody(this.source)
    return this.knownBody
  }

  /** The other side's address, while it is there. */
  get address(): string | undefined {
    return this.server.requestIP(this.source)?.address
  }

  /** Sends the answer; a second one goes nowhere. */
  answer(response: Response): void {
    // Bun hangs up when it is asked to, but does not say so: some clients would send the next request into it.
    if (/^close$/i.test(this.source.headers.get("connection") ?? ""))
      response.headers.set("connection", "close")
    this.answered ??= response
    this.deliver?.(response)
  }

  /** Gives the connection up to a websocket. */
  handOver(peer: SocketPeer): void {
    this.peer = peer
    this.deliver?.(undefined)
  }

  /** The answer, when it comes. */
  wait(): Promise<Response | undefined> {
    return new Promise((resolve) => {
      this.deliver = resolve
    })
  }
}
