/** Reads up to the first `limit` bytes of a response body; the rest is not read. */
export const readPrefix = async (response: Response, limit: number): Promise<Uint8Array> => {
  const chunks: Array<Uint8Array> = []
  let remaining = limit
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk.subarray(0, remaining))
    remaining -= chunk.byteLength
    if (remaining <= 0) break
  }
  return Buffer.concat(chunks)
}

/** Reads a response body. Returns undefined if it exceeds `limit` bytes; the rest is then not read. */
export const readBounded = async (response: Response, limit: number): Promise<Uint8Array | undefined> => {
  const bytes = await readPrefix(response, limit + 1)
  return bytes.byteLength > limit ? undefined : bytes
}
