import { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect } from "effect"
import type { Contract } from "../http/Contract"
import { maxBodyBytes } from "../http/middleware/JsonBody"
import { version } from "../http/Version"
import { describeEvents } from "./AsyncApi"
import { describe } from "./buildDocument"
import { about } from "./Info"
import { merge } from "./Merge"
import { makeReference } from "./Reference"

/** Made when it is first asked for, and once: that takes longer than the rest of the start. */
const serve = <E>(path: string, document: Effect.Effect<object, E>) =>
  Effect.map(
    Effect.cached(
      Effect.map(document, (made) =>
        HttpServerResponse.text(JSON.stringify(made), {
          contentType: "application/json",
          headers: { "cache-control": "no-cache" },
        }),
      ),
    ),
    (app) => ({ path, app }),
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

/** The OpenAPI documents of all contracts, whole and one by one. */
const documents = Effect.fnUntraced(function* (contracts: ReadonlyArray<Contract>) {
  const said = yield* about
  const maxBody = yield* maxBodyBytes
  const parts = yield* Effect.forEach(contracts, (contract) => {
    const { name } = contract
    const part = Effect.map(describe(contract, said, maxBody), (document) => ({ name, document }))
    return Effect.map(Effect.cached(part), (part) => ({ name, part }))
  })
  const whole = Effect.map(Effect.all(parts.map(({ part }) => part)), (all) => merge(all, said))
  return yield* Effect.all([
    serve("/openapi.json", whole),
    ...parts.map(({ name, part }) =>
      serve(
        `/openapi/${name.toLowerCase()}.json`,
        Effect.map(part, ({ document }) => document),
      ),
    ),
  ])
})

/** What explains the contracts: their documents, the reference page, and the way there. */
export const pages = Effect.fnUntraced(function* (contracts: ReadonlyArray<Contract>) {
  const openapi = yield* documents(contracts)
  const said = yield* about
  const reference = yield* makeReference
  return [
    { path: "/", app: frontDoor(openapi.map(({ path }) => path)) },
    { path: "/docs", app: reference.page },
    { path: "/docs/scalar.js", app: reference.script },
    ...openapi,
    yield* serve(
      "/asyncapi.json",
      Effect.sync(() => describeEvents(contracts, said)),
    ),
  ]
})
