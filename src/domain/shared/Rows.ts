import type { SqlError } from "@effect/sql"
import { Effect, Option, Schema } from "effect"
import type { PageResult } from "./Page"

/** A time as rows have it, which becomes text in JSON and is read from there as well. */
export const StoredTime = Schema.Union(Schema.DateFromSelf, Schema.Date)

type Row = { readonly [column: string]: unknown }
type Statement = Effect.Effect<ReadonlyArray<Row>, SqlError.SqlError>

/*
 * How repositories run their statements. A failing statement, and a row that its schema does not
 * accept, are defects: callers can do nothing about either.
 */

/** Decodes all rows of a statement. */
export const findAll = <A, I>(row: Schema.Schema<A, I>) => {
  const decode = Schema.decodeUnknownSync(Schema.Array(row))
  return (statement: Statement) => Effect.orDie(Effect.map(statement, decode))
}

/** Decodes one column of all rows. */
export const findColumn = <A, I>(name: string, value: Schema.Schema<A, I>) => {
  const decode = Schema.decodeUnknownSync(Schema.Array(value))
  return (statement: Statement) =>
    Effect.orDie(Effect.map(statement, (rows) => decode(rows.map((row) => row[name]))))
}

/** Decodes the first row of a statement; None when there is none. */
export const findOne = <A, I>(row: Schema.Schema<A, I>) => {
  const decode = Schema.decodeUnknownSync(row)
  return (statement: Statement) =>
    Effect.orDie(Effect.map(statement, ([first]) => Option.map(Option.fromNullable(first), decode)))
}

const decodeTotal = Schema.decodeUnknownSync(Schema.Struct({ total: Schema.Int }))

/** Decodes rows that each carry the list's length as `total`; a row without an id, from an outer join, is no item. */
export const findPage = <A, I>(row: Schema.Schema<A, I>) => {
  const decode = Schema.decodeUnknownSync(Schema.Array(row))
  return (statement: Statement) =>
    Effect.orDie(
      Effect.map(
        statement,
        (rows): PageResult<A> => ({
          total: rows[0] === undefined ? 0 : decodeTotal(rows[0]).total,
          items: decode(rows.filter(({ id }) => id !== null)),
        }),
      ),
    )
}

/** Returns whether a statement returned a row: whether it found or changed one. */
export const hasRow = (statement: Statement) => Effect.orDie(Effect.map(statement, (rows) => rows.length > 0))

/** Returns false if the statement would put a second row into a unique index. Its transaction cannot go on then. */
export const isUniqueAfter = (statement: Statement) =>
  statement.pipe(
    Effect.as(true),
    Effect.catchIf(
      ({ cause }) => Object(cause).code === "23505",
      () => Effect.succeed(false),
    ),
    Effect.orDie,
  )

/** Runs a statement for its effect alone. */
export const execute = (statement: Statement) => Effect.orDie(Effect.asVoid(statement))
