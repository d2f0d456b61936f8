import { readAtMost, readStart } from "../bun-http/readBounded"

/** More than any error has to say, in bytes. */
const mostOfError = 64 * 1024

/** More than any answer in words, or list of models, is long, in bytes. */
const mostOfAnswer = 16 * 1024 * 1024

/** As much of what should not have come as helps to tell what it is, in bytes; the log takes less. */
const excerpt = 4096

/** Something answered that is no model. What it sent stands in the message, to be made safe for the log. */
export class StrangeAnswer extends Error {}

const headOf = ({ status, headers }: Response) => `${status} ${headers.get("content-type") ?? "of no type"}`

/** An answer that was not expected, in the words of the log. */
export const strange = async (response: Response) =>
  new StrangeAnswer(`${headOf(response)}: ${Buffer.from(await readStart(response, excerpt)).toString()}`)

/** The bytes of an answer that must be JSON. Throws a StrangeAnswer at any other, or at too large a one. */
export const jsonBytes = async (response: Response, largest = mostOfAnswer): Promise<Uint8Array> => {
  if (!/json/i.test(response.headers.get("content-type") ?? "")) throw await strange(response)
  const bytes = await readAtMost(response, largest)
  if (bytes === undefined) throw new StrangeAnswer(`${headOf(response)}: more than ${largest} bytes`)
  return bytes
}

/**
 * Asks a provider. Time is watched by whoever asks: Bun's own limit, some minutes without a byte, is
 * lifted. Of what is said with an error the beginning is read, whatever is left of it is not.
 */
export const ask = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
  const response = await fetch(input, { ...init, timeout: false })
  if (response.ok) return response
  const { status, statusText, headers } = response
  const said = await readStart(response, mostOfError).catch(() => "")
  return new Response(said, { status, statusText, headers })
}

/** The same for the official client, where it asks for JSON: of at most `largest` bytes. */
export const askForJson =
  (largest?: number): typeof ask =>
  async (input, init) => {
    const response = await ask(input, init)
    if (!response.ok) return response
    const { status, statusText } = response
    const headers = new Headers(response.headers)
    headers.set("content-type", "application/json")
    return new Response(await jsonBytes(response, largest), { status, statusText, headers })
  }
