import { Effect, Schema } from "effect"
import type { OffsetLimit, PageResult } from "../../domain/shared/Page"
import { example } from "../../http/Example"
import { renamed } from "../../http/Fields"
import { LimitParam, OffsetParam } from "../../http/Params"

/** The maximum number of items on a page. */
const MAX_LIMIT = 100

/** Query parameters of every list: `limit`, from 1 to 100, and `offset`. */
export const rangeParams = (limit = 20) => ({ limit: LimitParam(limit, MAX_LIMIT), offset: OffsetParam })

/** The fields of a list response with its items under `key`. The value is that of `ranged`. */
export const rangeFields = <K extends string, A, I>(key: K, item: Schema.Schema<A, I>) => ({
  items: renamed(key, Schema.Array(item)),
  total: Schema.Int.annotations({ description: "Number of items in the whole list", ...example(1) }),
  limit: Schema.Int.annotations(example(20)),
  offset: Schema.Int.annotations(example(0)),
  hasMore: Schema.Boolean.annotations({ description: "Whether items follow", ...example(false) }),
})

/** Loads the requested range of a list. */
export const ranged = <A, E, R>(
  { limit, offset }: OffsetLimit,
  load: (range: OffsetLimit) => Effect.Effect<PageResult<A>, E, R>,
) =>
  Effect.map(load({ offset, limit }), ({ items, total }) => ({
    items,
    total,
    limit,
    offset,
    hasMore: offset + items.length < total,
  }))
