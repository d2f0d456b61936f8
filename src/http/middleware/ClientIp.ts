import { isIP } from "node:net"
import type { HttpServerRequest } from "@effect/platform"
import { Effect, Option } from "effect"
import { integerConfig } from "../../domain/shared/ConfigHelpers"

/** The number of proxies in front of this server, which tell it who its clients are. */
export const trustedProxies = integerConfig("TRUSTED_PROXIES", { min: 0, max: 100, fallback: 0 })

/** Returns the eight groups of an IPv6 address. The URL parser normalizes every notation. */
const groupsOf = (address: string): ReadonlyArray<string> => {
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::", 2)
  const [before, after] = [head, tail ?? ""].map((part) => (part === "" ? [] : part.split(":")))
  const missing = 8 - (before?.length ?? 0) - (after?.length ?? 0)
  return [...(before ?? []), ...Array<string>(missing).fill("0"), ...(after ?? [])]
}

const dotted = (groups: ReadonlyArray<string>): string =>
  groups
    .map((group) => Number.parseInt(group, 16))
    .flatMap((bits) => [bits >> 8, bits & 255])
    .join(".")

/** Whether these groups are an IPv4-mapped address (::ffff:0:0/96), as dual-stack sockets report. */
const isMapped = (groups: ReadonlyArray<string>) =>
  groups[5] === "ffff" && groups.slice(0, 5).every((group) => group === "0")

/** Removes the port that some proxies add: `192.0.2.1:443`, `[2001:db8::1]:443`. */
const withoutPort = (hop: string): string =>
  /^\[(.+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([^:]+):\d+$/.exec(hop)?.[1] ?? hop

/**
 * Returns what identifies a client: an IPv4 address, or the first 64 bits of an IPv6 address, since clients
 * control a whole /64. Undefined when it is not an address.
 */
const networkOf = (hop: string): string | undefined => {
  const [address = ""] = withoutPort(hop).split("%", 1)
  const version = isIP(address)
  if (version !== 6) return version === 4 ? address : undefined
  const groups = groupsOf(address)
  return isMapped(groups) ? dotted(groups.slice(6)) : groups.slice(0, 4).join(":")
}

/** Returns the client's address, as reported by the outermost trusted proxy or else by the connection. */
export const clientIp = (request: HttpServerRequest.HttpServerRequest, proxies: number): string => {
  const hops = proxies === 0 ? undefined : request.headers["x-forwarded-for"]?.split(",")
  const forwarded = hops?.at(-proxies)?.trim()
  const direct = () => networkOf(Option.getOrElse(request.remoteAddress, () => ""))
  return (forwarded === undefined ? undefined : networkOf(forwarded)) ?? direct() ?? "unknown"
}

/** Returns the function that finds out a request's client. */
export const makeClientAddress = Effect.map(
  trustedProxies,
  (proxies) => (request: HttpServerRequest.HttpServerRequest) => clientIp(request, proxies),
)
