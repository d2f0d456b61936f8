import { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect } from "effect"
import type { Contract } from "../http/Contract"
import { maxBodyBytes } from "../http/middleware/RequestBody"
import { version } from "../http/Version"
import { describeEvents } from "./AsyncApi"
import { buildDocument } from "./buildDocument"
import { documentInfo } from "./Info"
import { merge } from "./Merge"
import { makeReference } from "./Reference"

/** Serves a JSON document, built once on the first request: building takes longer than the rest of start-up. */
const jsonPage = (path: string, document: Effect.Effect<object>) =>
  Effect.map(
    Effect.cached(
      Effect.map(document, (value) =>
        HttpServerResponse.text(JSON.stringify(value), {
          contentType: "application/json",
          headers: { "cache-control": "no-cache" },
        }),
      ),
    ),
    (app) => ({ path, app }),
  )

/** Serves `/`: redirects browsers to the reference page, and responds with links to other clients. */
const rootPage = (openapi: ReadonlyArray<string>) => {
  const links = HttpServerResponse.unsafeJson(
    {
      name: "Parley",
      version,
      documentation: "/docs",
      health: "/api/health",
      openapi,
      asyncapi: ["/asyncapi.json"],
    },
    { headers: { vary: "Accept" } },
  )
  const toReference = HttpServerResponse.redirect("docs", { headers: { vary: "Accept" } })
  return Effect.map(HttpServerRequest.HttpServerRequest, ({ headers }) =>
    headers.accept?.includes("text/html") === true ? toReference : links,
  )
}

/** Serves the OpenAPI documents: of all contracts together, and of each. */
const documents = Effect.fnUntraced(function* (contracts: ReadonlyArray<Contract>) {
  const info = yield* documentInfo
  const maxBody = yield* maxBodyBytes
  const parts = yield* Effect.forEach(contracts, (contract) => {
    const { name } = contract
    const part = Effect.sync(() => ({ name, document: buildDocument(contract, info, maxBody) }))
    return Effect.map(Effect.cached(part), (part) => ({ name, part }))
  })
  const merged = Effect.map(Effect.all(parts.map(({ part }) => part)), (all) => merge(all, info))
  return yield* Effect.all([
    jsonPage("/openapi.json", merged),
    ...parts.map(({ name, part }) =>
      jsonPage(
        `/openapi/${name.toLowerCase()}.json`,
        Effect.map(part, ({ document }) => document),
      ),
    ),
  ])
})

/** Returns the documentation pages: `/`, the reference page, and the OpenAPI and AsyncAPI documents. */
export const pages = Effect.fnUntraced(function* (contracts: ReadonlyArray<Contract>) {
  const openapi = yield* documents(contracts)
  const info = yield* documentInfo
  const reference = yield* makeReference
  return [
    { path: "/", app: rootPage(openapi.map(({ path }) => path)) },
    { path: "/docs", app: reference.page },
    { path: "/docs/scalar.js", app: reference.script },
    ...openapi,
    yield* jsonPage(
      "/asyncapi.json",
      Effect.sync(() => describeEvents(contracts, info)),
    ),
  ]
})
