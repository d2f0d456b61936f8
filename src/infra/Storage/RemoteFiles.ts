import { lookup } from "node:dns/promises"
import { Config, Effect, Layer } from "effect"
import { RemoteFileRefused, RemoteFiles } from "../../domain/library/RemoteFiles"
import { isPublic } from "./Addresses"

const mostRedirects = 3
const patience = 20_000

const refuse = (message: string) => new RemoteFileRefused({ message })

/** The address in a URL that may be asked for. */
const allowed = async (text: string, allowPrivate: boolean): Promise<URL> => {
  if (!URL.canParse(text)) throw refuse("This is no web address.")
  const url = new URL(text)
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw refuse("Only web addresses can be fetched.")
  if (url.username !== "" || url.password !== "") throw refuse("Addresses with a password are not fetched.")
  if (allowPrivate) return url
  const host = url.hostname.replace(/^\[|\]$/g, "")
  const found = await lookup(host, { all: true }).catch(() => [])
  if (found.length === 0) throw refuse("There is no machine of that name.")
  if (!found.every(({ address }) => isPublic(address)))
    throw refuse("Addresses of private networks are not fetched.")
  return url
}

const readAtMost = async (response: Response, limit: number): Promise<Uint8Array> => {
  const parts: Array<Uint8Array> = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.byteLength
    if (size > limit) throw refuse(`The file at this address is larger than the ${limit} bytes allowed.`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** Follows redirections by hand, so that each address is looked at before it is asked. */
const download = async (text: string, limit: number, allowPrivate: boolean, signal: AbortSignal) => {
  let url = await allowed(text, allowPrivate)
  for (let hops = 0; hops <= mostRedirects; hops++) {
    const response = await fetch(url.href, { redirect: "manual", signal })
    const location = response.headers.get("location")
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel()
      if (!URL.canParse(location, url.href)) throw refuse("The address leads nowhere.")
      url = await allowed(new URL(location, url).href, allowPrivate)
      continue
    }
    if (!response.ok) throw refuse(`There is nothing at this address: it answers ${response.status}.`)
    return {
      bytes: await readAtMost(response, limit),
      mediaType: response.headers.get("content-type") ?? undefined,
    }
  }
  throw refuse("The address leads from one to the next without end.")
}

/** By `fetch`. `ALLOW_PRIVATE_URLS` opens private networks, for those who run everything in one. */
export const layer = Layer.effect(
  RemoteFiles,
  Effect.map(Config.boolean("ALLOW_PRIVATE_URLS").pipe(Config.withDefault(false)), (allowPrivate) => ({
    fetch: (url: string, limit: number) =>
      Effect.tryPromise({
        try: (signal) =>
          download(url, limit, allowPrivate, AbortSignal.any([signal, AbortSignal.timeout(patience)])),
        catch: (thrown) =>
          thrown instanceof RemoteFileRefused
            ? thrown
            : refuse("The file at this address could not be fetched."),
      }),
  })),
)
