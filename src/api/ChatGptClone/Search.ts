import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Effect, Schema } from "effect"
import { Search } from "../../domain/chat/Search"
import { SearchTerm, SearchType } from "../../domain/chat/Search/Model"
import { Authenticated, withActor } from "../../http/Authenticated"
import { example } from "../../http/Example"
import { Fields, optionalRenamed, renamed } from "../../http/Fields"
import { defineResource } from "../../http/Resource"
import { ranged, rangeFields, rangeParams } from "./Paging"

const SearchResult = Schema.Struct({
  type: SearchType,
  id: Schema.String,
  chatId: Schema.NullOr(Schema.String).annotations({ description: "The chat of a message, else null" }),
  title: Schema.String.annotations({ description: "The title, or that of a message's chat" }),
  snippet: Schema.String.annotations({ description: "The text around the term" }),
  createdAt: Schema.Date,
}).annotations({
  identifier: "SearchResult",
  ...example({
    type: "message",
    id: "019bc0f1-2d09-7c3a-9d52-6e8a0c2d4f35",
    chatId: "019bc0f1-2d0a-7c3a-9d52-7f9b1d3e5a46",
    title: "Quantum computing",
    snippet: "…a qubit is the basic unit of quantum information…",
    createdAt: "2026-01-15T09:30:00.000Z",
  }),
})

const endpoints = HttpApiGroup.make("search")
  .add(
    HttpApiEndpoint.get("search", "/api/search")
      .setUrlParams(
        Fields({
          q: renamed("q", SearchTerm).annotations({
            description: "The text to find, literally and ignoring case",
          }),
          type: optionalRenamed("type", SearchType).annotations({ description: "Only results of this type" }),
          ...rangeParams(),
        }).annotations(example({ q: "quantum" })),
      )
      .addSuccess(
        Schema.Struct(rangeFields("results", SearchResult)).annotations({
          description: "A range of the results. The total counts at most 200 of each type",
        }),
      )
      .annotate(OpenApi.Summary, "Search")
      .annotate(
        OpenApi.Description,
        "Searches titles and texts of chats, messages, projects and documents, and names of files, of everything that the user can see. Titles come before texts, and the latest first.",
      ),
  )
  .middleware(Authenticated)
  .annotate(OpenApi.Title, "Search")
  .annotate(OpenApi.Description, "Search across everything that a user can see.")

export const search = defineResource({
  group: endpoints,
  prefixes: ["/api/search"],
  handlers: (handlers) =>
    Effect.gen(function* () {
      const search = yield* Search
      return handlers.handle(
        "search",
        withActor((actor, { urlParams: { q, type, ...range } }) =>
          ranged(range, (range) => search.search(actor, { term: q, type }, range)),
        ),
      )
    }),
})
