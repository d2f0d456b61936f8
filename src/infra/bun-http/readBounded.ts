/** The first `limit` bytes of what a response holds; the rest is not read. */
export const readStart = async (response: Response, limit: number): Promise<Uint8Array> => {
  const parts: Array<Uint8Array> = []
  let left = limit
  for await (const part of response.body ?? []) {
    parts.push(part.subarray(0, left))
    left -= part.byteLength
    if (left <= 0) break
  }
  return Buffer.concat(parts)
}

/** What a response holds; undefined if that is more than `limit` bytes: then the rest is not read. */
export const readAtMost = async (response: Response, limit: number): Promise<Uint8Array | undefined> => {
  const bytes = await readStart(response, limit + 1)
  return bytes.byteLength > limit ? undefined : bytes
}
