import { lookup } from "node:dns/promises"
import { isIP } from "node:net"
import { Effect, Layer } from "effect"
import { RemoteFileRejected, RemoteFiles } from "../../domain/files/RemoteFiles"
import { booleanConfig } from "../../domain/shared/ConfigHelpers"
import { isPublicIp } from "../http-client/PublicIp"
import { readBounded } from "../http-client/readBounded"

const MAX_REDIRECTS = 3
const fetchTimeout = "20 seconds"

const rejected = (message: string) => new RemoteFileRejected({ message })

/** A URL that may be fetched, and the IP addresses checked for it: the request goes to these only. */
interface ResolvedUrl {
  readonly url: URL
  readonly host: string
  readonly addresses: ReadonlyArray<string>
}

const resolveUrl = async (text: string, allowPrivate: boolean): Promise<ResolvedUrl> => {
  if (!URL.canParse(text)) throw rejected("This is not a valid URL.")
  const url = new URL(text)
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw rejected("Only http and https URLs can be fetched.")
  if (url.username !== "" || url.password !== "")
    throw rejected("URLs with a user name or password are not fetched.")
  const host = url.hostname.replace(/^\[|\]$/g, "")
  const records = await lookup(host, { all: true, order: "ipv4first" }).catch(() => [])
  const addresses = records.map(({ address }) => address)
  if (addresses.length === 0) throw rejected("The host name could not be resolved.")
  if (!allowPrivate && !addresses.every(isPublicIp))
    throw rejected("URLs on private networks are not fetched.")
  return { url, host, addresses }
}

/**
 * Fetches the URL from the first IP address that responds. The request goes to the address and not to
 * the host name, which could resolve to another address the second time (DNS rebinding).
 */
const fetchPinned = async ({ url, host, addresses }: ResolvedUrl, signal: AbortSignal): Promise<Response> => {
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

/**
 * Downloads a file of at most `limit` bytes, following redirects itself so that each target is checked before
 * it is fetched.
 */
const download = async (text: string, limit: number, allowPrivate: boolean, signal: AbortSignal) => {
  let target = await resolveUrl(text, allowPrivate)
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await fetchPinned(target, signal)
    const location = response.headers.get("location")
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel()
      if (!URL.canParse(location, target.url.href)) throw rejected("The URL redirects to an invalid URL.")
      target = await resolveUrl(new URL(location, target.url).href, allowPrivate)
      continue
    }
    if (!response.ok) throw rejected(`The server of this URL responded with status ${response.status}.`)
    const bytes = await readBounded(response, limit)
    if (bytes === undefined) throw rejected(`The file at this URL is larger than the ${limit} bytes allowed.`)
    return { bytes, mediaType: response.headers.get("content-type") ?? undefined }
  }
  throw rejected("The URL redirects too many times.")
}

/** Allows URLs on private networks, for deployments that run entirely in one. */
export const allowPrivateUrls = booleanConfig("ALLOW_PRIVATE_URLS", "off")

/** Implements the port with `fetch`. */
export const layer = Layer.effect(
  RemoteFiles,
  Effect.map(allowPrivateUrls, (allowPrivate) => ({
    fetch: (url: string, limit: number) =>
      Effect.tryPromise({
        try: (signal) => download(url, limit, allowPrivate, signal),
        catch: (thrown) =>
          thrown instanceof RemoteFileRejected
            ? thrown
            : rejected("The file at this URL could not be fetched."),
      }).pipe(
        Effect.timeoutFail({
          duration: fetchTimeout,
          onTimeout: () => rejected("Fetching the file at this URL timed out."),
        }),
      ),
  })),
)
