import { Context } from "effect"

/**
 * The network address of the client whose request is being served, an IPv4 address or the first half of an IPv6
 * address, for audit entries; undefined outside of requests.
 */
export class ClientAddress extends Context.Reference<ClientAddress>()("ClientAddress", {
  defaultValue: (): (() => string | undefined) => () => undefined,
}) {}
