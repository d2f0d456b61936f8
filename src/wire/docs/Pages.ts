import { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect } from "effect"
import type { Page } from "../edge/Dispatch"
import { maxBodyBytes } from "../edge/JsonBody"
import type { Contract } from "../frame/Contract"
import { version } from "../frame/Version"
import { about } from "./About"
import { describeEvents } from "./AsyncApi"
import { describe } from "./Describe"
import type { Document } from "./Document"
import { merge } from "./Merge"
import * as Reference from "./Reference"

const serve = (document: object) =>
  Effect.succeed(
    HttpServerResponse.text(JSON.stringify(document), {
      contentType: "application/json",
      headers: { "cache-control": "no-cache" },
    }),
  )

/** Where to go from `/`: browsers are sent to the reference, programs are told what there is. */
const frontDoor = (openapi: ReadonlyArray<string>) => {
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

/** The OpenAPI documents of all contracts, whole and one by one, by their addresses. */
const documents = Effect.fnUntraced(function* (contracts: ReadonlyArray<Contract>) {
  const said = yield* about
  const maxBody = yield* maxBodyBytes
  const parts = yield* Effect.forEach(contracts, (contract) =>
    Effect.map(describe(contract, said, maxBody), (document) => ({ name: contract.name, document })),
  )
  return new Map([
    ["/openapi.json", merge(parts, said)],
    ...parts.map(({ name, document }): [string, Document] => [
      `/openapi/${name.toLowerCase()}.json`,
      document,
    ]),
  ])
})

/** What explains the contracts: their documents, the reference page, and the way there. Made once. */
export const pages = Effect.fnUntraced(function* (contracts: ReadonlyArray<Contract>) {
  const all = yield* documents(contracts)
  const served = [...all].map(([path, document]): Page => ({ path, app: serve(document) }))
  return [
    { path: "/", app: frontDoor([...all.keys()]) },
    { path: "/docs", app: Reference.page },
    { path: "/docs/scalar.js", app: yield* Reference.makeScript },
    ...served,
    { path: "/asyncapi.json", app: serve(describeEvents(contracts, yield* about)) },
  ]
})
