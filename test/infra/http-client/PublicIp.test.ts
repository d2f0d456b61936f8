import { expect } from "bun:test"
import { Effect } from "effect"
import { isPublicIp } from "../../../src/infra/http-client/PublicIp"
import { it } from "../../support/it"

it.effect("isPublicIp rejects loopback, private, link-local and reserved addresses", () =>
  Effect.sync(() => {
    const nonPublic = [
      "127.0.0.1",
      "10.1.2.3",
      "172.16.0.1",
      "172.31.255.255",
      "192.168.1.1",
      "169.254.169.254",
      "100.64.0.1",
      "0.0.0.0",
      "224.0.0.1",
      "255.255.255.255",
      "::1",
      "::",
      "::ffff:127.0.0.1",
      "::ffff:7f00:1",
      "0:0:0:0:0:ffff:10.0.0.1",
      "::ffff:0:127.0.0.1",
      "::127.0.0.1",
      "fe80::1",
      "fe80::1%eth0",
      "fc00::1",
      "ff02::1",
      "2001:db8::1",
      "2002:7f00:1::",
      "64:ff9b::7f00:1",
      "nonsense",
    ]
    expect(nonPublic.filter(isPublicIp)).toEqual([])
    const publicIps = ["8.8.8.8", "172.32.0.1", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"]
    expect(publicIps.filter((address) => !isPublicIp(address))).toEqual([])
  }),
)
