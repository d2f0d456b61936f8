import { Schema } from "effect"
import type { OffsetLimit } from "../../domain/shared/Page"
import { LimitParam, PageParam, SkipParam } from "../../http/Params"

/** Query parameters of every list: `page` and `limit`, or `skip` instead of `page`; `limit` is the default. */
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

/** Converts page parameters into an offset and a limit; `skip` overrides `page`. */
export const toOffsetLimit = ({ page, limit, skip }: PageQuery): OffsetLimit => ({
  offset: skip ?? (page - 1) * limit,
  limit,
})

/** Schema fields that every list response has in addition to its items. */
export const pageFields = {
  total: Schema.Int.annotations({ description: "Number of items on all pages" }),
  page: Schema.Int,
  limit: Schema.Int,
  has_more: Schema.Boolean,
}

/** Returns the values of `pageFields`, from the request's parameters, the total and the number of items returned. */
export const toPageFields = ({ page, limit, skip }: PageQuery, total: number, count: number) => ({
  total,
  page: skip === undefined ? page : Math.floor(skip / limit) + 1,
  limit,
  has_more: toOffsetLimit({ page, limit, skip }).offset + count < total,
})
