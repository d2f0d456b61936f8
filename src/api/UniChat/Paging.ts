import { Schema } from "effect"
import type { OffsetLimit } from "../../domain/shared/Page"
import { LimitParam, PageParam, SkipParam } from "../../http/Params"

/** The query parameters of every list: `page` and `limit`, or `skip` instead of `page`. */
export const paging = (limit: number) => ({
  page: PageParam(1),
  limit: LimitParam(limit),
  skip: SkipParam,
})

interface Paging {
  readonly page: number
  readonly limit: number
  readonly skip?: number | undefined
}

/** The part of a list that is asked for. */
export const windowOf = ({ page, limit, skip }: Paging): OffsetLimit => ({
  offset: skip ?? (page - 1) * limit,
  limit,
})

/** What a list says of itself beside its items. */
export const listed = {
  total: Schema.Int.annotations({ description: "How many there are on all pages" }),
  page: Schema.Int,
  limit: Schema.Int,
  has_more: Schema.Boolean,
}

/** The same of a part of a list. */
export const pageOf = ({ page, limit, skip }: Paging, total: number, shown: number) => ({
  total,
  page: skip === undefined ? page : Math.floor(skip / limit) + 1,
  limit,
  has_more: windowOf({ page, limit, skip }).offset + shown < total,
})
