import { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect } from "effect"
import type { Contract } from "../http/Contract"
import { maxBodyBytes } from "../http/middleware/RequestBody"
import { version } from "../http/Version"
import { buildDocument } from "./buildDocument"
import { documentInfo } from "./Info"
import { makeReference } from "./ReferencePage"
import { describeEvents } from "./SocketIoEvents"
import { describeFrames } from "./WebSocketFrames"

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
const rootPage = (openapi: ReadonlyArray<string>, asyncapi: ReadonlyArray<string>) => {
  const headers = { vary: "Accept" }
  const links = HttpServerResponse.unsafeJson(
    {
      name: "Parley",
      version,
      documentation: "/docs",
      health: "/api/health",
      openapi,
      asyncapi,
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
 * and of each, and the AsyncAPI documents of Socket.IO and of each contract's WebSockets.
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
  const asyncapi = yield* Effect.all(
    contracts.flatMap((contract) => {
      const { name, socket, webSockets } = contract
      return [
        ...(socket ? [jsonPage("/asyncapi.json", () => describeEvents(name, socket, info))] : []),
        ...(webSockets
          ? [
              jsonPage(`/asyncapi/${name.toLowerCase()}.json`, () =>
                describeFrames(contract, webSockets, info),
              ),
            ]
          : []),
      ]
    }),
  )
  const pathsOf = (pages: ReadonlyArray<{ readonly path: string }>) => pages.map(({ path }) => path)
  return [
    { path: "/", app: rootPage(pathsOf(openapi), pathsOf(asyncapi)) },
    { path: "/docs", app: reference.page },
    { path: "/docs/scalar.js", app: reference.script },
    ...openapi,
    ...asyncapi,
  ]
})
