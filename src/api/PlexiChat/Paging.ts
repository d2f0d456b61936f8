import { Effect } from "effect"
import type { OffsetLimit, PageResult } from "../../domain/shared/Page"

/** Loads the requested page of a list. A page beyond the end is empty. */
export const paged = <A, E, R>(
  { page, per_page: limit }: { readonly page: number; readonly per_page: number },
  load: (range: OffsetLimit) => Effect.Effect<PageResult<A>, E, R>,
) => Effect.map(load({ offset: (page - 1) * limit, limit }), (result) => ({ ...result, page, limit }))
