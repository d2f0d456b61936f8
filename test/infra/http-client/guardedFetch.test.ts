import { expect } from "bun:test"
import { Effect } from "effect"
import { guardedFetch, UrlNotAllowed } from "../../../src/infra/http-client/guardedFetch"
import { it } from "../../support/it"

type Options = Parameters<typeof guardedFetch>[1]

const privateAllowed = { allowPrivate: true }

/** A certificate for `localhost`, and for no IP address, that is its own authority; valid from 2020 to 2120. */
const cert = `-----BEGIN CERTIFICATE-----
MIIBYjCCAQegAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABHwJek47Wz3hWWvc
qcwQhM2KKM9DTyS0G6twfkVPAtzDbZ+2Jq9t1o3zqVyz5irMvUB5j8MCde+oM9uc
W7fP6jmjSDBGMBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAPBgNVHRMBAf8EBTADAQH/
MB0GA1UdDgQWBBS7S4xcmdZ2dpa0zyYUYCTnHByC9TAKBggqhkjOPQQDAgNJADBG
AiEAvXF0sQAnQILueMbT5Pi2IGVBesYsG/WkiWyn2dv8I6MCIQC5N7lTm3vSKGU6
2TfvXjrluBIC8oovNtyinu+il4X1Og==
-----END CERTIFICATE-----`
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg9ClmsAVyfOGtJWos
OVcBJgcwkvZE9bbsYHZOMNWSYMmhRANCAAR8CXpOO1s94Vlr3KnMEITNiijPQ08k
tBurcH5FTwLcw22ftiavbdaN86lcs+YqzL1AeY/DAnXvqDPbnFu3z+o5
-----END PRIVATE KEY-----`

/** Starts a site on loopback that records the headers of its requests. */
const startSite = (respond: (path: string, port: number) => Response, tls?: Bun.TLSOptions) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const requests: Array<Headers> = []
      const server = Bun.serve({
        port: 0,
        hostname: "127.0.0.1",
        ...(tls === undefined ? {} : { tls }),
        fetch: (request): Response => {
          requests.push(new Headers(request.headers))
          return respond(new URL(request.url).pathname, server.port ?? 0)
        },
      })
      return { port: server.port ?? 0, requests, stop: () => server.stop(true) }
    }),
    ({ stop }) => Effect.promise(stop),
  )

const redirect = (location: string, status = 302) => new Response(null, { status, headers: { location } })

/** Returns the body of the response, or the message of the rejection. */
const read = (url: string, options: Options) =>
  Effect.promise(() =>
    guardedFetch(url, options).then(
      (response) => response.text(),
      (thrown) => (thrown instanceof UrlNotAllowed ? thrown.message : Promise.reject(thrown)),
    ),
  )

it.live("guardedFetch sends no request to loopback and private addresses, however they are written", () =>
  Effect.gen(function* () {
    const { port, requests } = yield* startSite(() => new Response("secret"))
    for (const host of [
      "127.0.0.1",
      "127.1",
      "2130706433",
      "0177.0.0.1",
      "0x7f.0.0.1",
      "0x7f000001",
      "127.0.0.1.",
      "①②⑦.0.0.1",
      "0",
      "localhost",
      "[::1]",
      "[::ffff:127.0.0.1]",
      "[::ffff:7f00:1]",
      "[64:ff9b::7f00:1]",
      "169.254.169.254",
    ]) {
      const message = yield* read(`http://${host}:${port}/`, { allowPrivate: false })
      expect([host, message]).toEqual([host, "URLs on private networks are not fetched."])
    }
    expect(requests).toEqual([])
  }),
)

it.live("guardedFetch exempts the trusted host, on its port only, and checks where it redirects", () =>
  Effect.gen(function* () {
    const other = yield* startSite(() => new Response("secret"))
    const { port } = yield* startSite((path, own) => {
      if (path === "/own") return redirect(`http://127.0.0.1:${own}/there`)
      return path === "/away" ? redirect(`http://127.0.0.1:${other.port}/`) : new Response("image")
    })
    const options = { allowPrivate: false, trustedHost: `127.0.0.1:${port}` }
    const refused = "URLs on private networks are not fetched."
    expect([
      yield* read(`http://127.0.0.1:${port}/image`, options),
      yield* read(`http://127.0.0.1:${port}/own`, options),
      yield* read(`http://127.0.0.1:${port}/away`, options),
      yield* read(`http://127.0.0.1:${other.port}/`, options),
      yield* read(`http://localhost:${port}/image`, options),
    ]).toEqual(["image", "image", refused, refused, refused])
    expect(other.requests).toEqual([])
  }),
)

it.live("guardedFetch rejects invalid URLs, other schemes, passwords and endless redirects", () =>
  Effect.gen(function* () {
    const { port } = yield* startSite((path) => {
      if (path === "/file") return redirect("file:///etc/passwd")
      if (path === "/data") return redirect("data:image/png;base64,AAAA")
      if (path === "/secret") return redirect("http://user:secret@127.0.0.1/")
      return redirect(path === "/bad" ? "http://" : "/round")
    })
    for (const [url, message] of [
      [`http://127.0.0.1:${port}/round`, "The URL redirects too many times."],
      [`http://127.0.0.1:${port}/file`, "Only http and https URLs can be fetched."],
      [`http://127.0.0.1:${port}/data`, "Only http and https URLs can be fetched."],
      [`http://127.0.0.1:${port}/secret`, "URLs with a user name or password are not fetched."],
      [`http://127.0.0.1:${port}/bad`, "The URL redirects to an invalid URL."],
      ["http://nowhere.invalid/", "The host name could not be resolved."],
      ["http://", "This is not a valid URL."],
    ] as const) {
      expect([url, yield* read(url, privateAllowed)]).toEqual([url, message])
    }
  }),
)

it.live("guardedFetch keeps credentials to the first origin, and returns redirects of POST", () =>
  Effect.gen(function* () {
    const { port, requests } = yield* startSite((path, own) => {
      if (path === "/moved") return redirect("/away", 307)
      return path === "/away" ? redirect(`http://127.0.0.1:${own}/there`) : new Response("there")
    })
    const headers = { authorization: "Bearer secret", accept: "image/*" }
    const url = `http://localhost:${port}/moved`
    expect(yield* read(url, { ...privateAllowed, headers })).toBe("there")
    expect(
      requests.map((headers) => ["host", "authorization", "accept"].map((name) => headers.get(name))),
    ).toEqual([
      [`localhost:${port}`, "Bearer secret", "image/*"],
      [`localhost:${port}`, "Bearer secret", "image/*"],
      [`127.0.0.1:${port}`, null, "image/*"],
    ])
    const post = { ...privateAllowed, method: "POST", body: "prompt" }
    expect((yield* Effect.promise(() => guardedFetch(url, post))).status).toBe(307)
    expect(requests).toHaveLength(4)
  }),
)

it.live("guardedFetch verifies the certificate for the host name, although it connects to an address", () =>
  Effect.gen(function* () {
    const { port } = yield* startSite(() => new Response("image"), { cert, key })
    const options = { ...privateAllowed, tls: { ca: cert } }
    expect(yield* read(`https://localhost:${port}/`, options)).toBe("image")
    const untrusted = [
      guardedFetch(`https://127.0.0.1:${port}/`, options),
      guardedFetch(`https://localhost:${port}/`, privateAllowed),
    ]
    const results = yield* Effect.promise(() => Promise.allSettled(untrusted))
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"])
  }),
)
