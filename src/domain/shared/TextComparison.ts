import type { SqlClient } from "@effect/sql"

/** Returns the sort expression for a text column: alphabetical in any script, ignoring case. */
export const localeCollated = (column: string) => `${column} collate "und-x-icu"`

/** Returns a pattern of `like` for what contains the term. It is in a subquery so that it is converted once. */
const patternOf = (sql: SqlClient.SqlClient, term: string) =>
  sql`(select search_text(${`%${term.replace(/[\\%_]/g, "\\$&")}%`}))`

/**
 * Builds the condition that `column` contains the term literally, ignoring case in any script and
 * whether letters are composed.
 */
export const containsInsensitive = (sql: SqlClient.SqlClient, column: string, term: string) =>
  sql`search_text(${sql.literal(column)}) like ${patternOf(sql, term)}`

/** Builds the same condition on a column that holds the `search_text` of another. */
export const containsNormalized = (sql: SqlClient.SqlClient, column: string, term: string) =>
  sql`${sql.literal(column)} like ${patternOf(sql, term)}`
