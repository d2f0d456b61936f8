import type { SqlClient } from "@effect/sql"

/** Returns the sort expression for a text column: alphabetical in any script, ignoring case. */
export const localeCollated = (column: string) => `${column} collate "und-x-icu"`

/**
 * Builds the condition that `column` contains the term literally, ignoring case in any script. An
 * index on `(upper(column collate "und-x-icu") collate "C") gin_trgm_ops` serves it.
 */
export const containsInsensitive = (sql: SqlClient.SqlClient, column: string, term: string) => {
  const pattern = `%${term.replace(/[\\%_]/g, "\\$&")}%`
  return sql`upper(${sql.literal(column)} collate "und-x-icu") collate "C"
    like upper(${pattern}::text collate "und-x-icu") collate "C"`
}
