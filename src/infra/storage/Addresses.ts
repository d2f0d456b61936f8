import { BlockList, isIP } from "node:net"

const closed = new BlockList()
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const) {
  closed.addSubnet(network, prefix, "ipv4")
}

/** Global unicast: what is given out to the public. */
const open6 = new BlockList()
open6.addSubnet("2000::", 3, "ipv6")

const closed6 = new BlockList()
for (const [network, prefix] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const) {
  closed6.addSubnet(network, prefix, "ipv6")
}

/** An IPv4 address in the clothes of an IPv6 one. */
const mapped = (address: string): string | undefined => {
  const tail = /^(?:0*:)*:?(?:ffff:)([\d.]+|[\da-f]{1,4}:[\da-f]{1,4})$/i.exec(address)?.[1]
  if (tail === undefined || tail.includes(".")) return tail
  const [high = 0, low = 0] = tail.split(":").map((group) => Number.parseInt(group, 16))
  return [high >> 8, high & 255, low >> 8, low & 255].join(".")
}

/** Whether an address is one of the public internet, and no machine's or network's own. */
export const isPublic = (address: string): boolean => {
  const inner = mapped(address)
  if (inner !== undefined) return isPublic(inner)
  if (isIP(address) === 4) return !closed.check(address, "ipv4")
  return isIP(address) === 6 && open6.check(address, "ipv6") && !closed6.check(address, "ipv6")
}
