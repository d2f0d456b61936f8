import type { SqlClient } from "@effect/sql"

/** Returns the sort expression for a text column: alphabetical in any script, ignoring case. */
export const localeCollated = (column: string) => `${column} collate "und-x-icu"`

/**
 * Builds the condition that `column` contains the term literally, ignoring case in any script and
 * whether letters are composed. The pattern is in a subquery so that it is converted once, not for
 * each row.
 */
export const containsInsensitive = (sql: SqlClient.SqlClient, column: string, term: string) => {
  const pattern = `%${term.replace(/[\\%_]/g, "\\$&")}%`
  return sql`search_text(${sql.literal(column)}) like (select search_text(${pattern}))`
}
