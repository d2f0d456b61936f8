import { expect } from "bun:test"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, HttpServer } from "@effect/platform"
import { BunHttpServer } from "@effect/platform-bun"
import { Duration, Effect, Layer, Schema } from "effect"
import { makeAppLayer } from "../../../src/AppLayer"
import { NonEmptyText, Text } from "../../../src/domain/shared/Text"
import { defineContract } from "../../../src/http/Contract"
import { commonErrorBody } from "../../../src/http/ErrorBody"
import { example } from "../../../src/http/Example"
import { Fields } from "../../../src/http/Fields"
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
import { expectErrorBody } from "./operations"

const Credentials = Fields({
  email: Schema.propertySignature(NonEmptyText).annotations({ description: "The email address" }),
  note: Schema.optional(Text).annotations({ description: "A remark" }),
}).annotations(example({ email: "ada@example.com" }))

const endpoints = HttpApiGroup.make("forms").add(
  HttpApiEndpoint.post("submitForm", "/form")
    .setPayload(HttpApiSchema.withEncoding(Credentials, { kind: "UrlParams" }))
    .addSuccess(Schema.typeSchema(Credentials)),
)

const contract = defineContract({
  name: "Forms",
  title: "Forms",
  description: "Operations that accept forms",
  errorBody: commonErrorBody,
  resources: [
    defineResource({
      group: endpoints,
      prefixes: ["/form"],
      handlers: (handlers) =>
        Effect.succeed(handlers.handle("submitForm", ({ payload }) => Effect.succeed(payload))),
    }),
  ],
})

const server = Layer.unwrapScoped(
  Effect.gen(function* () {
    return HttpServer.serve(yield* makeRouter([yield* contract], []))
  }),
).pipe(
  Layer.provideMerge(
    BunServer.layer({
      port: 0,
      hostname: "127.0.0.1",
      maxRequestBodySize: 1000,
      drainTimeout: Duration.seconds(1),
    }),
  ),
  Layer.provideMerge(makeAppLayer(Database.layer)),
  Layer.provideMerge(StreamResponse.layer()),
  Layer.provideMerge(BunHttpServer.layerContext),
  Layer.provide(configLayer()),
  Layer.provide(Provider.layer),
)

const post = (raw: Bun.BodyInit, contentType = "application/x-www-form-urlencoded") =>
  HttpServer.addressFormattedWith((url) =>
    makeClient(url).request("POST", "/form", { raw, headers: { "content-type": contentType } }),
  )

layer(server)("Forms", (it) => {
  it.live("are decoded by the payload's schema, with escapes and text of any language", () =>
    Effect.gen(function* () {
      const escaped = yield* post("email=a%2Bb%40example.com&note=a+b%26c%3Dd%0A")
      expect([escaped.status, escaped.json]).toEqual([200, { email: "a+b@example.com", note: "a b&c=d\n" }])
      const form = new URLSearchParams({ email: "é 文 😀", ignored: "1" })
      const international = yield* post(form.toString(), "application/x-www-form-urlencoded;charset=UTF-8")
      expect([international.status, international.json]).toEqual([200, { email: "é 文 😀" }])
    }),
  )

  it.live("are rejected by the name of a missing, repeated or invalid field", () =>
    Effect.gen(function* () {
      for (const [body, message] of [
        ["", "email is required"],
        ["note=x", "email is required"],
        ["email=", "email must not be empty"],
        ["email=a&email=b", "email must be a string"],
        ["email=a&note=%00", "note must not contain NUL characters"],
        ["__proto__=1&constructor=2", "email is required"],
        ['{"email":"a"}', "email is required"],
      ] as const) {
        const response = yield* post(body)
        expect([body, response.status, response.at("code"), response.at("error")]).toEqual([
          body,
          400,
          "VALIDATION_ERROR",
          message,
        ])
        expectErrorBody({ name: "Forms" }, response)
      }
    }),
  )

  it.live("are rejected when malformed, of another type or too large", () =>
    Effect.gen(function* () {
      for (const [body, type, status, code] of [
        [Uint8Array.of(0x61, 0x3d, 0xff), undefined, 400, "MALFORMED_FORM"],
        ['{"email":"a"}', "application/json", 415, "UNSUPPORTED_MEDIA_TYPE"],
        ["email=a", "application/x-www-form-urlencodedx", 415, "UNSUPPORTED_MEDIA_TYPE"],
        [`email=${"x".repeat(1000)}`, undefined, 413, "PAYLOAD_TOO_LARGE"],
      ] as const) {
        const response = yield* post(body, type)
        expect([response.status, response.at("code")]).toEqual([status, code])
        expectErrorBody({ name: "Forms" }, response)
      }
    }),
  )

  it.live("are documented with their content type and errors", () =>
    Effect.gen(function* () {
      const document = buildDocument([yield* contract], yield* documentInfo, 1000)
      const operation = document.paths["/form"]?.["post"]
      expect(Object.keys(operation?.requestBody?.content ?? {})).toEqual([
        "application/x-www-form-urlencoded",
      ])
      expect(JSON.stringify(document)).toContain("MALFORMED_FORM")
      expect(JSON.stringify(document)).not.toContain("MALFORMED_JSON")
    }),
  )
})
