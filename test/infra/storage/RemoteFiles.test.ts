import { expect } from "bun:test"
import { ConfigProvider, Deferred, Effect, Fiber, Layer, TestClock } from "effect"
import { RemoteFiles } from "../../../src/domain/files/RemoteFiles"
import { isPublicIp } from "../../../src/infra/http-client/PublicIp"
import * as Storage from "../../../src/infra/storage/RemoteFiles"
import { it } from "../../support/it"

const makeRemoteFiles = (allowPrivate: boolean) =>
  Effect.provide(
    RemoteFiles,
    Storage.layer.pipe(
      Layer.provide(
        Layer.setConfigProvider(
          ConfigProvider.fromMap(new Map([["ALLOW_PRIVATE_URLS", String(allowPrivate)]])),
        ),
      ),
    ),
  )

/** Starts a site on loopback that records the requested paths. */
const startSite = (respond: (path: string, request: Request) => Response | Promise<Response>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const requests: Array<string> = []
      const server = Bun.serve({
        port: 0,
        hostname: "127.0.0.1",
        fetch: (request) => {
          const { pathname } = new URL(request.url)
          requests.push(pathname)
          return respond(pathname, request)
        },
      })
      return { port: server.port, requests, stop: () => server.stop(true) }
    }),
    ({ stop }) => Effect.promise(stop),
  )

const redirect = (location: string) => new Response(null, { status: 302, headers: { location } })

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

it.live("RemoteFiles sends the host name to the site and follows redirects", () =>
  Effect.gen(function* () {
    const remote = yield* makeRemoteFiles(true)
    const { port }: { readonly port: number | undefined } = yield* startSite(
      (path, { headers }): Response => {
        if (path === "/moved") return redirect("/there")
        if (path === "/away") return redirect(`http://127.0.0.1:${port}/there`)
        return new Response(`${path} of ${headers.get("host")}`, { headers: { "content-type": "text/csv" } })
      },
    )
    const read = (path: string) =>
      Effect.map(remote.fetch(`http://localhost:${port}${path}`, 1000), ({ bytes, mediaType }) => [
        Buffer.from(bytes).toString(),
        mediaType,
      ])
    expect(yield* read("/here?x=1")).toEqual([`/here of localhost:${port}`, "text/csv"])
    expect(yield* read("/moved")).toEqual([`/there of localhost:${port}`, "text/csv"])
    expect(yield* read("/away")).toEqual([`/there of 127.0.0.1:${port}`, "text/csv"])
  }),
)

it.live(
  "RemoteFiles rejects missing and oversized files, redirect loops, other URL schemes and invalid URLs",
  () =>
    Effect.gen(function* () {
      const remote = yield* makeRemoteFiles(true)
      let sent = 0
      const { port } = yield* startSite((path) => {
        if (path === "/round") return redirect("/round")
        if (path === "/file") return redirect("file:///etc/passwd")
        if (path === "/data") return redirect("data:image/png;base64,AAAA")
        if (path === "/secret") return redirect("http://user:secret@127.0.0.1/")
        if (path === "/bad") return redirect("http://")
        if (path === "/large") {
          return new Response(
            new ReadableStream({
              pull: async (controller) => {
                sent++
                controller.enqueue(new Uint8Array(600))
                await Bun.sleep(1)
              },
            }),
          )
        }
        return new Response("no", { status: 404 })
      })
      for (const [url, message] of [
        [`http://127.0.0.1:${port}/missing`, "The server of this URL responded with status 404."],
        [`http://127.0.0.1:${port}/round`, "The URL redirects too many times."],
        [`http://127.0.0.1:${port}/file`, "Only http and https URLs can be fetched."],
        [`http://127.0.0.1:${port}/data`, "Only http and https URLs can be fetched."],
        [`http://127.0.0.1:${port}/secret`, "URLs with a user name or password are not fetched."],
        [`http://127.0.0.1:${port}/bad`, "The URL redirects to an invalid URL."],
        [`http://127.0.0.1:${port}/large`, "The file at this URL is larger than the 1000 bytes allowed."],
        ["http://127.0.0.1:1/", "The file at this URL could not be fetched."],
        ["http://nowhere.invalid/", "The host name could not be resolved."],
        ["http://", "This is not a valid URL."],
      ]) {
        const error = yield* Effect.flip(remote.fetch(url ?? "", 1000))
        expect([url, error._tag, error.message]).toEqual([url ?? "", "RemoteFileRejected", message ?? ""])
      }
      expect(sent).toBeLessThan(1000)
    }),
)

it.live("RemoteFiles sends no request to loopback and private addresses, however they are written", () =>
  Effect.gen(function* () {
    const remote = yield* makeRemoteFiles(false)
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
      const refused = yield* Effect.flip(remote.fetch(`http://${host}:${port}/`, 1000))
      expect([host, refused.message]).toEqual([host, "URLs on private networks are not fetched."])
    }
    expect(requests).toEqual([])
  }),
)

it.effect("RemoteFiles times out when the site does not respond", () =>
  Effect.gen(function* () {
    const remote = yield* makeRemoteFiles(true)
    const reached = yield* Deferred.make<void>()
    const { port } = yield* startSite(() => {
      Deferred.unsafeDone(reached, Effect.void)
      return new Promise(() => {})
    })
    const fetched = yield* Effect.fork(Effect.flip(remote.fetch(`http://127.0.0.1:${port}/`, 1000)))
    yield* Deferred.await(reached)
    yield* TestClock.adjust("20 seconds")
    expect((yield* Fiber.join(fetched)).message).toBe("Fetching the file at this URL timed out.")
  }),
)
