import { types } from "pg"

const { INT8, DATE } = types.builtins
const INT8_ARRAY = 1016

/** Parses an int8 as a number; beyond 2^53 as a bigint, so that no digit is lost silently. */
const int8 = (text: string) => {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : BigInt(text)
}

const int8Array = (text: string) =>
  text === "{}"
    ? []
    : text
        .slice(1, -1)
        .split(",")
        .map((item) => (item === "NULL" ? null : int8(item)))

/**
 * Maps column types to JavaScript values, identically on every database: int8 to a number, numeric to
 * a string, timestamptz to a Date (milliseconds), date to the text "YYYY-MM-DD", json and jsonb to
 * the parsed value.
 */
export const columnTypes = {
  getTypeParser: (oid: number, format?: "text" | "binary") => {
    if (format === "binary") return types.getTypeParser(oid, "binary")
    if (oid === INT8) return int8
    if (oid === INT8_ARRAY) return int8Array
    if (oid === DATE) return (text: string) => text
    return types.getTypeParser(oid, "text")
  },
}
