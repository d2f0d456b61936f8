import { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect } from "effect"
import type { Contract } from "../http/Contract"
import { maxBodyBytes } from "../http/middleware/RequestBody"
import { version } from "../http/Version"
import { buildDocument } from "./buildDocument"
import { documentInfo } from "./Info"
import { makeReference } from "./ReferencePage"
import { describeEvents } from "./SocketIoEvents"

/** Serves a JSON document, built once on the first request: building takes longer than the rest of start-up. */
const jsonPage = (path: string, build: () => object) => {
  const response = Effect.sync(() =>
    HttpServerResponse.text(JSON.stringify(build()), {
      contentType: "application/json",
      headers: { "cache-control": "no-cache" },
    }),
  )
  return Effect.map(Effect.cached(response), (app) => ({ path, app }))
}

/** Serves `/`: redirects browsers to the reference page, and responds with links to other clients. */
const rootPage = (openapi: ReadonlyArray<string>) => {
  const headers = { vary: "Accept" }
  const links = HttpServerResponse.unsafeJson(
    {
      name: "Parley",
      version,
      documentation: "/docs",
      health: "/api/health",
      openapi,
      asyncapi: ["/asyncapi.json"],
    },
    { headers },
  )
  const toReference = HttpServerResponse.redirect("docs", { headers })
  return Effect.map(HttpServerRequest.HttpServerRequest, (request) =>
    request.headers.accept?.includes("text/html") === true ? toReference : links,
  )
}

/**
 * Returns the documentation pages: `/`, the reference page, the OpenAPI documents of all contracts together
 * and of each, and the AsyncAPI document.
 */
export const pages = Effect.fnUntraced(function* (contracts: ReadonlyArray<Contract>) {
  const info = yield* documentInfo
  const maxBody = yield* maxBodyBytes
  const reference = yield* makeReference
  const openapi = yield* Effect.all([
    jsonPage("/openapi.json", () => buildDocument(contracts, info, maxBody)),
    ...contracts.map((contract) =>
      jsonPage(`/openapi/${contract.name.toLowerCase()}.json`, () =>
        buildDocument([contract], info, maxBody),
      ),
    ),
  ])
  return [
    { path: "/", app: rootPage(openapi.map(({ path }) => path)) },
    { path: "/docs", app: reference.page },
    { path: "/docs/scalar.js", app: reference.script },
    ...openapi,
    ...(yield* Effect.all(
      contracts.flatMap(({ name, socket }) =>
        socket ? [jsonPage("/asyncapi.json", () => describeEvents(name, socket, info))] : [],
      ),
    )),
  ]
})
