import { lookup } from "node:dns/promises"
import { isIP } from "node:net"
import { Data } from "effect"
import { booleanConfig } from "../../domain/shared/ConfigHelpers"
import { isPublicIp } from "./PublicIp"

const MAX_REDIRECTS = 3

/** Allows URLs on private networks, for deployments that run entirely in one. */
export const allowPrivateUrls = booleanConfig("ALLOW_PRIVATE_URLS", "off")

/** The URL, or one that it redirects to, may not be fetched; the message is a sentence for users. */
export class UrlNotAllowed extends Data.TaggedError("UrlNotAllowed")<{ readonly message: string }> {}

interface Options extends BunFetchRequestInit {
  readonly allowPrivate: boolean
  /** A host with its port that may be private: that of a URL which the operator configured. */
  readonly trustedHost?: string
}

/** A URL that may be fetched, and the IP addresses checked for it: the request goes to these only. */
interface ResolvedUrl {
  readonly url: URL
  readonly host: string
  readonly addresses: ReadonlyArray<string>
}

const rejected = (message: string) => new UrlNotAllowed({ message })

const resolveUrl = async (text: string, { allowPrivate, trustedHost }: Options): Promise<ResolvedUrl> => {
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
  if (!allowPrivate && url.host !== trustedHost && !addresses.every(isPublicIp))
    throw rejected("URLs on private networks are not fetched.")
  return { url, host, addresses }
}

/**
 * Sends the request to the first IP address that accepts it, and not to the host name, which could
 * resolve to another address the second time (DNS rebinding). The certificate is still verified for the
 * host name.
 */
const fetchPinned = async ({ url, host, addresses }: ResolvedUrl, options: Options): Promise<Response> => {
  const { allowPrivate: _, trustedHost: __, ...init } = options
  const headers = new Headers(init.headers)
  headers.set("host", url.host)
  const tls = isIP(host) === 0 ? { ...init.tls, serverName: host } : init.tls
  const failures: Array<unknown> = []
  for (const address of addresses) {
    const pinned = new URL(url)
    pinned.hostname = isIP(address) === 6 ? `[${address}]` : address
    try {
      return await fetch(pinned, {
        ...init,
        headers,
        redirect: "manual",
        ...(tls === undefined ? {} : { tls }),
      })
    } catch (failure) {
      if (init.signal?.aborted) throw failure
      failures.push(failure)
    }
  }
  throw failures.length === 1 ? failures[0] : new AggregateError(failures)
}

/** Returns the options for a redirect's target: another host must not receive the credentials of the first. */
const withoutCredentials = (options: Options): Options => {
  const headers = new Headers(options.headers)
  for (const name of ["authorization", "cookie", "x-api-key", "api-key"]) headers.delete(name)
  return { ...options, headers }
}

/**
 * Fetches a URL that a user or a provider chose. The request goes to an IP address that was checked not
 * to be on a private network. Redirects of GET are followed, each after the same check; other methods
 * get the redirect itself, since their body must not go elsewhere. Throws UrlNotAllowed before anything
 * is sent to an address that is not allowed.
 */
export const guardedFetch = async (text: string, options: Options): Promise<Response> => {
  let target = await resolveUrl(text, options)
  let init = options
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await fetchPinned(target, init)
    const location = response.headers.get("location")
    const isRedirect = response.status >= 300 && response.status < 400 && location !== null
    if (!isRedirect || (options.method ?? "GET") !== "GET") return response
    await response.body?.cancel()
    const next = URL.parse(location, target.url.href)
    if (next === null) throw rejected("The URL redirects to an invalid URL.")
    if (next.origin !== target.url.origin) init = withoutCredentials(init)
    target = await resolveUrl(next.href, options)
  }
  throw rejected("The URL redirects too many times.")
}
