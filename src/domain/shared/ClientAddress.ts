import { Context } from "effect"

/**
 * The network address of the client whose request is being served, an IPv4 address or the first half of an IPv6
 * address, for audit entries and for limits; undefined outside of requests.
 */
export class ClientAddress extends Context.Reference<ClientAddress>()("ClientAddress", {
  defaultValue: (): (() => string | undefined) => () => undefined,
}) {}

/**
 * Returns the network of a client's address, where one client may use any address: the first 24 bits of an
 * IPv4 address, or 48 bits of an IPv6 address, which is what providers assign to one customer at most.
 */
export const networkOf = (address: string): string =>
  address.includes(":")
    ? `${address.split(":").slice(0, 3).join(":")}::/48`
    : address.replace(/\.\d+$/, ".0/24")
