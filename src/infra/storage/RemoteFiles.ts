import { lookup } from "node:dns/promises"
import { isIP } from "node:net"
import { Effect, Layer } from "effect"
import { RemoteFileRefused, RemoteFiles } from "../../domain/files/RemoteFiles"
import { booleanConfig } from "../../domain/shared/ConfigHelpers"
import { readAtMost } from "../bun-http/readBounded"
import { isPublic } from "./Addresses"

const mostRedirects = 3
const patience = "20 seconds"

const refuse = (message: string) => new RemoteFileRefused({ message })

/** A URL that may be asked for, and the addresses at which: those that were looked at, and no others. */
interface Place {
  readonly url: URL
  readonly host: string
  readonly addresses: ReadonlyArray<string>
}

const placeOf = async (text: string, allowPrivate: boolean): Promise<Place> => {
  if (!URL.canParse(text)) throw refuse("This is no web address.")
  const url = new URL(text)
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw refuse("Only web addresses can be fetched.")
  if (url.username !== "" || url.password !== "") throw refuse("Addresses with a password are not fetched.")
  const host = url.hostname.replace(/^\[|\]$/g, "")
  const found = await lookup(host, { all: true, order: "ipv4first" }).catch(() => [])
  const addresses = found.map(({ address }) => address)
  if (addresses.length === 0) throw refuse("There is no machine of that name.")
  if (!allowPrivate && !addresses.every(isPublic))
    throw refuse("Addresses of private networks are not fetched.")
  return { url, host, addresses }
}

/** Asks the first of the addresses that answers, by number: a name looked up again may lead elsewhere. */
const ask = async ({ url, host, addresses }: Place, signal: AbortSignal): Promise<Response> => {
  const failures: Array<unknown> = []
  for (const address of addresses) {
    const pinned = new URL(url)
    pinned.hostname = isIP(address) === 6 ? `[${address}]` : address
    try {
      return await fetch(pinned, {
        redirect: "manual",
        signal,
        headers: { host: url.host },
        ...(isIP(host) === 0 ? { tls: { serverName: host } } : {}),
      })
    } catch (failure) {
      if (signal.aborted) throw failure
      failures.push(failure)
    }
  }
  throw new AggregateError(failures)
}

/** Follows redirections by hand, so that each address is looked at before it is asked. */
const download = async (text: string, limit: number, allowPrivate: boolean, signal: AbortSignal) => {
  let place = await placeOf(text, allowPrivate)
  for (let hops = 0; hops <= mostRedirects; hops++) {
    const response = await ask(place, signal)
    const location = response.headers.get("location")
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel()
      if (!URL.canParse(location, place.url.href)) throw refuse("The address leads nowhere.")
      place = await placeOf(new URL(location, place.url).href, allowPrivate)
      continue
    }
    if (!response.ok) throw refuse(`There is nothing at this address: it answers ${response.status}.`)
    const bytes = await readAtMost(response, limit)
    if (bytes === undefined)
      throw refuse(`The file at this address is larger than the ${limit} bytes allowed.`)
    return { bytes, mediaType: response.headers.get("content-type") ?? undefined }
  }
  throw refuse("The address leads from one to the next without end.")
}

/** Opens private networks, for those who run everything in one. */
export const allowPrivateUrls = booleanConfig("ALLOW_PRIVATE_URLS", "off")

/** By `fetch`. */
export const layer = Layer.effect(
  RemoteFiles,
  Effect.map(allowPrivateUrls, (allowPrivate) => ({
    fetch: (url: string, limit: number) =>
      Effect.tryPromise({
        try: (signal) => download(url, limit, allowPrivate, signal),
        catch: (thrown) =>
          thrown instanceof RemoteFileRefused
            ? thrown
            : refuse("The file at this address could not be fetched."),
      }).pipe(
        Effect.timeoutFail({
          duration: patience,
          onTimeout: () => refuse("The file at this address takes too long to come."),
        }),
      ),
  })),
)
