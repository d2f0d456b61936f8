import { expect } from "bun:test"
import { ConfigProvider, Deferred, Effect, Fiber, Layer, TestClock } from "effect"
import { RemoteFiles } from "../../../src/domain/files/RemoteFiles"
import { isPublic } from "../../../src/infra/storage/Addresses"
import * as Storage from "../../../src/infra/storage/RemoteFiles"
import { it } from "../../support/it"

const fetching = (allowPrivate: boolean) =>
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

/** A site on loopback, and the paths that it was asked for. */
const site = (answer: (path: string, request: Request) => Response | Promise<Response>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const asked: Array<string> = []
      const server = Bun.serve({
        port: 0,
        hostname: "127.0.0.1",
        fetch: (request) => {
          const { pathname } = new URL(request.url)
          asked.push(pathname)
          return answer(pathname, request)
        },
      })
      return { port: server.port, asked, stop: () => server.stop(true) }
    }),
    ({ stop }) => Effect.promise(stop),
  )

const redirect = (location: string) => new Response(null, { status: 302, headers: { location } })

it.effect("Addresses of machines' and networks' own are told from public ones", () =>
  Effect.sync(() => {
    const own = [
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
    expect(own.filter(isPublic)).toEqual([])
    const open = ["8.8.8.8", "172.32.0.1", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"]
    expect(open.filter((address) => !isPublic(address))).toEqual([])
  }),
)

it.live("Files are fetched by name, with the name told to the site, and through redirections", () =>
  Effect.gen(function* () {
    const remote = yield* fetching(true)
    const { port }: { readonly port: number | undefined } = yield* site((path, { headers }): Response => {
      if (path === "/moved") return redirect("/there")
      if (path === "/away") return redirect(`http://127.0.0.1:${port}/there`)
      return new Response(`${path} of ${headers.get("host")}`, { headers: { "content-type": "text/csv" } })
    })
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

it.live("What is missing, too large, without end, elsewhere than on the web or nowhere is refused", () =>
  Effect.gen(function* () {
    const remote = yield* fetching(true)
    let sent = 0
    const { port } = yield* site((path) => {
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
      [`http://127.0.0.1:${port}/missing`, "There is nothing at this address: it answers 404."],
      [`http://127.0.0.1:${port}/round`, "The address leads from one to the next without end."],
      [`http://127.0.0.1:${port}/file`, "Only web addresses can be fetched."],
      [`http://127.0.0.1:${port}/data`, "Only web addresses can be fetched."],
      [`http://127.0.0.1:${port}/secret`, "Addresses with a password are not fetched."],
      [`http://127.0.0.1:${port}/bad`, "The address leads nowhere."],
      [`http://127.0.0.1:${port}/large`, "The file at this address is larger than the 1000 bytes allowed."],
      ["http://127.0.0.1:1/", "The file at this address could not be fetched."],
      ["http://nowhere.invalid/", "There is no machine of that name."],
      ["http://", "This is no web address."],
    ]) {
      const refused = yield* Effect.flip(remote.fetch(url ?? "", 1000))
      expect([url, refused._tag, refused.message]).toEqual([url ?? "", "RemoteFileRefused", message ?? ""])
    }
    expect(sent).toBeLessThan(1000)
  }),
)

it.live("This machine and its networks are asked nothing, however their addresses are written", () =>
  Effect.gen(function* () {
    const remote = yield* fetching(false)
    const { port, asked } = yield* site(() => new Response("secret"))
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
      expect([host, refused.message]).toEqual([host, "Addresses of private networks are not fetched."])
    }
    expect(asked).toEqual([])
  }),
)

it.effect("A site that does not answer is given up", () =>
  Effect.gen(function* () {
    const remote = yield* fetching(true)
    const reached = yield* Deferred.make<void>()
    const { port } = yield* site(() => {
      Deferred.unsafeDone(reached, Effect.void)
      return new Promise(() => {})
    })
    const fetched = yield* Effect.fork(Effect.flip(remote.fetch(`http://127.0.0.1:${port}/`, 1000)))
    yield* Deferred.await(reached)
    yield* TestClock.adjust("20 seconds")
    expect((yield* Fiber.join(fetched)).message).toBe("The file at this address takes too long to come.")
  }),
)
