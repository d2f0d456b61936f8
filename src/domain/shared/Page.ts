import { Schema } from "effect"

/** One page of a list, and how long the list is. Pages count from 1. */
export interface Page<A> {
  readonly items: ReadonlyArray<A>
  readonly total: number
  readonly page: number
  readonly limit: number
}

/** A part of a list: how many items it leaves out before, and how many it has at most. */
export interface OffsetLimit {
  readonly offset: number
  readonly limit: number
}

/** Items of a list, and how long the whole list is. */
export interface PageResult<A> {
  readonly items: ReadonlyArray<A>
  readonly total: number
}

/** Rows of one part of a list, each with the length of the whole; a row without an id stands for none. */
export const toPageResult = <Row extends { readonly id: unknown; readonly total: number }>(
  rows: ReadonlyArray<Row>,
): PageResult<Omit<Row, "total">> => ({
  total: rows[0]?.total ?? 0,
  items: rows.flatMap(({ total: _, ...item }) => (item.id === null ? [] : [item])),
})

/** A page's number: 1 or more. Bounded so that its offset stays a whole number. */
export const PageNumber = Schema.Int.pipe(Schema.between(1, 1_000_000_000))

/** How many items a page holds: 1 to 1,000. */
export const PageLimit = Schema.Int.pipe(Schema.between(1, 1000))
