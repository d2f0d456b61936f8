import type { SqlError } from "@effect/sql"
import { Effect, Option, Schema } from "effect"

type Statement = Effect.Effect<ReadonlyArray<unknown>, SqlError.SqlError>

/*
 * How repositories run their statements. A failing statement, and a row that its schema does not
 * accept, are defects: callers can do nothing about either.
 */

/** Decodes all rows of a statement. */
export const findAll = <A, I>(row: Schema.Schema<A, I>) => {
  const decode = Schema.decodeUnknownSync(Schema.Array(row))
  return (statement: Statement) => Effect.orDie(Effect.map(statement, decode))
}

/** Decodes the first row of a statement; None when there is none. */
export const findOne = <A, I>(row: Schema.Schema<A, I>) => {
  const decode = Schema.decodeUnknownSync(row)
  return (statement: Statement) =>
    Effect.orDie(Effect.map(statement, ([first]) => Option.map(Option.fromNullable(first), decode)))
}

/** Returns whether a statement returned a row: whether it found or changed one. */
export const hasRow = (statement: Statement) => Effect.orDie(Effect.map(statement, (rows) => rows.length > 0))

/** Runs a statement for its effect alone. */
export const execute = (statement: Statement) => Effect.orDie(Effect.asVoid(statement))
