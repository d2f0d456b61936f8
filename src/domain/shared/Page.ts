import { Schema } from "effect"

/** One page of a list with the length of the whole list. Pages are numbered from 1. */
export interface Page<A> {
  readonly items: ReadonlyArray<A>
  readonly total: number
  readonly page: number
  readonly limit: number
}

/** Selects a range of a list: how many items to skip, and the maximum number to return. */
export interface OffsetLimit {
  readonly offset: number
  readonly limit: number
}

/** A range of a list with the length of the whole list. */
export interface PageResult<A> {
  readonly items: ReadonlyArray<A>
  readonly total: number
}

/** A page number: 1 or more. Bounded so that its offset stays a safe integer. */
export const PageNumber = Schema.Int.pipe(Schema.between(1, 1_000_000_000))

/** The number of items before a page, bounded like its number. */
export const Offset = Schema.Int.pipe(Schema.between(0, 1_000_000_000))

/** Items per page: 1 to 1,000. */
export const PageLimit = Schema.Int.pipe(Schema.between(1, 1000))
