import { Effect } from "effect"
import { connectTcp } from "../infra/bun-http/RawClient"
import { closeCodeIn, decodeFrames, opcodes, type ServerFrame } from "./webSocketFrames"

/** The headers of a handshake, with the example key of RFC 6455. */
export const handshake = {
  upgrade: "websocket",
  connection: "Upgrade",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
}

/** Sends a request over a connection of its own. Returns the connection and the head of the response. */
export const sendHead = (
  url: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  { method = "GET", onData }: { readonly method?: string; readonly onData?: (chunk: Buffer) => void } = {},
) =>
  Effect.gen(function* () {
    let head = ""
    const client = yield* Effect.orDie(
      connectTcp(Number(new URL(url).port), (chunk) => {
        if (head.includes("\r\n\r\n")) return onData?.(chunk)
        const text = head + chunk.toString("latin1")
        const end = text.indexOf("\r\n\r\n") + 4
        const rest = chunk.subarray(end < 4 ? chunk.length : end - head.length)
        head = end < 4 ? text : text.slice(0, end)
        if (rest.length > 0) onData?.(rest)
      }),
    )
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    client.send(`${method} ${path} HTTP/1.1\r\nhost: localhost\r\n${lines.join("")}\r\n`)
    yield* client.until(({ closed }) => closed || head.endsWith("\r\n\r\n"))
    return { client, head }
  })

/** Opens a WebSocket over a TCP connection, to send and receive single bytes of its frames. */
export const openRawSocket = (url: string, path: string) =>
  Effect.gen(function* () {
    const frames: Array<ServerFrame> = []
    let unread = Buffer.alloc(0)
    const onData = (chunk: Buffer) => {
      const decoded = decodeFrames(Buffer.concat([unread, chunk]))
      frames.push(...decoded.frames)
      unread = Buffer.from(decoded.rest)
    }
    const { client, head } = yield* sendHead(url, path, handshake, { onData })
    if (!head.startsWith("HTTP/1.1 101 "))
      return yield* Effect.dieMessage(`The handshake was rejected: ${head}`)
    const closeFrame = () => frames.find(({ opcode }) => opcode === opcodes.close)
    return {
      client,
      frames,
      /** Waits until the frames satisfy a condition, or the connection is closed. */
      until: (isEnough: () => boolean) => client.until(({ closed }) => closed || isEnough()),
      /** Waits until the connection is closed. Returns the code of the server's close frame; 1006 without one. */
      closed: Effect.map(client.awaitClose, () => {
        const frame = closeFrame()
        return frame === undefined ? 1006 : closeCodeIn(frame.payload)
      }),
    }
  })
