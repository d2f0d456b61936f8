import { BlockList, isIP } from "node:net"

const privateRangesV4 = new BlockList()
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
  privateRangesV4.addSubnet(network, prefix, "ipv4")
}

/** Global unicast, the only IPv6 range assigned for public use. */
const globalUnicastV6 = new BlockList()
globalUnicastV6.addSubnet("2000::", 3, "ipv6")

const reservedRangesV6 = new BlockList()
for (const [network, prefix] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const) {
  reservedRangesV6.addSubnet(network, prefix, "ipv6")
}

/** Returns the IPv4 address of an IPv4-mapped IPv6 address, undefined for any other. */
const unmapIpv4 = (address: string): string | undefined => {
  const tail = /^(?:0*:)*:?(?:ffff:)([\d.]+|[\da-f]{1,4}:[\da-f]{1,4})$/i.exec(address)?.[1]
  if (tail === undefined || tail.includes(".")) return tail
  const [high = 0, low = 0] = tail.split(":").map((group) => Number.parseInt(group, 16))
  return [high >> 8, high & 255, low >> 8, low & 255].join(".")
}

/** Returns whether an IP address is on the public internet: not loopback, private, link-local or reserved. */
export const isPublicIp = (address: string): boolean => {
  const unmapped = unmapIpv4(address)
  if (unmapped !== undefined) return isPublicIp(unmapped)
  if (isIP(address) === 4) return !privateRangesV4.check(address, "ipv4")
  return (
    isIP(address) === 6 && globalUnicastV6.check(address, "ipv6") && !reservedRangesV6.check(address, "ipv6")
  )
}
