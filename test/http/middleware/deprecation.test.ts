import { expect } from "bun:test"
import { HttpApiEndpoint, HttpApiGroup, HttpServer } from "@effect/platform"
import { BunHttpServer } from "@effect/platform-bun"
import { Effect, Layer, Schema } from "effect"
import { makeAppLayer } from "../../../src/AppLayer"
import { defineContract } from "../../../src/http/Contract"
import { deprecated } from "../../../src/http/Deprecation"
import { commonErrorBody } from "../../../src/http/ErrorBody"
import { makeRouter } from "../../../src/http/middleware/Router"
import { defineResource } from "../../../src/http/Resource"
import * as StreamResponse from "../../../src/http/StreamResponse"
import * as BunServer from "../../../src/infra/bun-http/BunServer"
import { buildDocument } from "../../../src/openapi/buildDocument"
import { documentInfo } from "../../../src/openapi/Info"
import { makeClient } from "../../support/App"
import * as Database from "../../support/Database"
import { layer } from "../../support/it"
import { Provider } from "../../support/ScriptedProvider"
import { configLayer } from "../../support/testLayer"

const endpoints = HttpApiGroup.make("versions")
  .add(
    HttpApiEndpoint.get("oldOperation", "/old")
      .setUrlParams(Schema.Struct({ number: Schema.NumberFromString }))
      .addSuccess(Schema.String)
      .annotateContext(
        deprecated({
          since: new Date("2026-01-01T00:00:00Z"),
          sunset: new Date("2028-01-01T00:00:00Z"),
          link: "https://example.com/migrate",
        }),
      ),
  )
  .add(HttpApiEndpoint.get("newOperation", "/new").addSuccess(Schema.String))

const contract = defineContract({
  name: "Versions",
  title: "Versions",
  description: "An operation that will go, and one that stays",
  errorBody: commonErrorBody,
  resources: [
    defineResource({
      group: endpoints,
      prefixes: ["/"],
      handlers: (handlers) =>
        Effect.succeed(
          handlers
            .handle("oldOperation", () => Effect.succeed("old"))
            .handle("newOperation", () => Effect.succeed("new")),
        ),
    }),
  ],
})

const server = Layer.unwrapScoped(
  Effect.gen(function* () {
    return HttpServer.serve(yield* makeRouter([yield* contract], []))
  }),
).pipe(
  Layer.provideMerge(
    BunServer.layer({ port: 0, hostname: "127.0.0.1", maxRequestBodySize: 1000, drainTimeout: "1 second" }),
  ),
  Layer.provideMerge(makeAppLayer(Database.layer)),
  Layer.provideMerge(StreamResponse.layer()),
  Layer.provideMerge(BunHttpServer.layerContext),
  Layer.provide(configLayer()),
  Layer.provide(Provider.layer),
)

/** Returns the status and the headers of a response that announce a deprecation. */
const get = (path: string) =>
  HttpServer.addressFormattedWith((url) =>
    Effect.map(makeClient(url).request("GET", path), ({ status, headers }) => [
      status,
      ...["deprecation", "sunset", "link"].map((name) => headers.get(name)),
    ]),
  )

layer(server)("A deprecated operation", (it) => {
  it.live("says so in the headers of every response, and in the document", () =>
    Effect.gen(function* () {
      const headers = [
        "@1767225600",
        "Sat, 01 Jan 2028 00:00:00 GMT",
        '<https://example.com/migrate>; rel="deprecation"',
      ]
      expect(yield* get("/old?number=1")).toEqual([200, ...headers])
      expect(yield* get("/old?number=x")).toEqual([400, ...headers])
      expect(yield* get("/new")).toEqual([200, null, null, null])
      const { paths } = buildDocument([yield* contract], yield* documentInfo, 1000)
      expect([paths["/old"]?.get?.deprecated, paths["/new"]?.get?.deprecated]).toEqual([true, undefined])
    }),
  )
})
