import { Effect, Schema } from "effect"
import type { OffsetLimit, PageResult } from "../../domain/shared/Page"
import { example } from "../../http/Example"
import { renamed } from "../../http/Fields"
import { LimitParam, PageParam, SkipParam } from "../../http/Params"

/** The query parameters of a list: `page`, or `skip` in its place, and `limit`, which defaults to the argument. */
export const pageParams = (limit: number) => ({
  page: PageParam(1),
  limit: LimitParam(limit),
  skip: SkipParam,
})

interface PageQuery {
  readonly page: number
  readonly limit: number
  readonly skip?: number | undefined
}

/** The fields of a list response, with the items under `key`. Encodes the result of `paged`. */
export const pageFields = <K extends string, A, I>(key: K, item: Schema.Schema<A, I>) => ({
  items: renamed(key, Schema.Array(item)),
  total: Schema.Int.annotations({ description: "Number of items on all pages", ...example(1) }),
  page: Schema.Int.annotations(example(1)),
  limit: Schema.Int.annotations(example(20)),
  hasMore: renamed("has_more", Schema.Boolean.annotations(example(false))),
})

/** The number of skipped items, for lists whose document has this field. */
export const skip = Schema.Int.annotations(example(0))

/** The number of pages, for lists whose document has this field. */
export const pages = Schema.Int.annotations({ description: "Number of pages", ...example(1) })

/**
 * Loads the requested page of a list; `skip` overrides `page`. The result also has the query's parameters
 * and `skip` and `pages`, for responses whose schema declares them.
 */
export const paged = <Query extends PageQuery, A, E, R>(
  query: Query,
  load: (range: OffsetLimit) => Effect.Effect<PageResult<A>, E, R>,
) => {
  const { page, limit, skip = (page - 1) * limit } = query
  return Effect.map(load({ offset: skip, limit }), ({ items, total }) => ({
    ...query,
    items,
    total,
    skip,
    page: Math.floor(skip / limit) + 1,
    pages: Math.ceil(total / limit),
    hasMore: skip + items.length < total,
  }))
}
