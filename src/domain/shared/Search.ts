import type { SqlClient } from "@effect/sql"

/** A column to order by: in any script's alphabet, small letters beside capitals. */
export const localeCollated = (column: string) => `${column} collate "und-x-icu"`

/**
 * Holds where `column` contains what somebody typed, as it stands, in any case and any script. An
 * index on `(upper(column collate "und-x-icu") collate "C") gin_trgm_ops` serves it.
 */
export const containsInsensitive = (sql: SqlClient.SqlClient, column: string, typed: string) => {
  const pattern = `%${typed.replace(/[\\%_]/g, "\\$&")}%`
  return sql`upper(${sql.literal(column)} collate "und-x-icu") collate "C"
    like upper(${pattern}::text collate "und-x-icu") collate "C"`
}
