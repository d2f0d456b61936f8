/** What a response holds; undefined if that is more than `limit` bytes: then the rest is not read. */
export const readAtMost = async (response: Response, limit: number): Promise<Uint8Array | undefined> => {
  const parts: Array<Uint8Array> = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.byteLength
    if (size > limit) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts)
}
