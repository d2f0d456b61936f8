/** The opcodes of RFC 6455, section 5.2. */
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

interface FrameOptions {
  /** Whether it is the last frame of its message; true by default. */
  readonly isFinal?: boolean
  /** The three reserved bits, as a number. */
  readonly reserved?: number
  /** Whether it is masked, as every client must do; true by default. */
  readonly isMasked?: boolean
}

const encodeLength = (length: number): ReadonlyArray<number> => {
  if (length < 126) return [length]
  const bytes = Buffer.alloc(length < 65_536 ? 2 : 8)
  if (bytes.length === 2) bytes.writeUInt16BE(length)
  else bytes.writeBigUInt64BE(BigInt(length))
  return [bytes.length === 2 ? 126 : 127, ...bytes]
}

const maskingKey = [0x37, 0xfa, 0x21, 0x3d]

/** Encodes a frame of a client, which may break the protocol. */
export const encodeFrame = (
  opcode: number,
  payload: string | Uint8Array = "",
  { isFinal = true, reserved = 0, isMasked = true }: FrameOptions = {},
): Buffer => {
  const content = Buffer.from(payload)
  const [first = 0, ...extended] = encodeLength(content.length)
  const head = [(isFinal ? 0x80 : 0) | (reserved << 4) | opcode, first | (isMasked ? 0x80 : 0), ...extended]
  if (!isMasked) return Buffer.concat([Buffer.from(head), content])
  const masked = content.map((byte, index) => byte ^ (maskingKey[index % 4] ?? 0))
  return Buffer.concat([Buffer.from([...head, ...maskingKey]), masked])
}

/** Encodes a close frame with a code and a reason. */
export const encodeClose = (code: number, reason: string | Uint8Array = ""): Buffer => {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(code)
  return encodeFrame(opcodes.close, Buffer.concat([bytes, Buffer.from(reason)]))
}

/** A frame of the server, which sends neither fragments nor masks. */
export interface ServerFrame {
  readonly opcode: number
  readonly payload: Buffer
}

/** Splits what a server sent into frames. Returns them and the incomplete rest. */
export const decodeFrames = (
  bytes: Buffer,
): { readonly frames: ReadonlyArray<ServerFrame>; readonly rest: Buffer } => {
  const frames: Array<ServerFrame> = []
  let at = 0
  while (bytes.length - at >= 2) {
    const short = bytes.readUInt8(at + 1)
    const extension = { 126: 2, 127: 8 }[short] ?? 0
    const start = at + 2 + extension
    if (start > bytes.length) break
    const length =
      extension === 0 ? short : bytes.readUIntBE(start - Math.min(extension, 6), Math.min(extension, 6))
    if (start + length > bytes.length) break
    frames.push({ opcode: bytes.readUInt8(at) & 0x0f, payload: bytes.subarray(start, start + length) })
    at = start + length
  }
  return { frames, rest: bytes.subarray(at) }
}

/** Returns the code in the payload of a close frame; 1005 if there is none. */
export const closeCodeIn = (payload: Buffer): number => (payload.length < 2 ? 1005 : payload.readUInt16BE(0))
