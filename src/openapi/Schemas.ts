import { isRecord, type JsonSchema, rebuild, target } from "./Document"

/** What Effect says of a schema that nobody described; it is about types in TypeScript. */
const saysNothing =
  /^(an? (string|number|integer|boolean|(finite|positive|non-negative) number)\b.*|an array of .* item\(s\)|Date|(min|max)Length\(.*)$/

const builtIn: Readonly<Record<string, JsonSchema>> = {
  Date: { type: "string", format: "date-time" },
  DateFromString: { type: "string", format: "date-time" },
}

const isScalar = (schema: unknown): schema is JsonSchema =>
  isRecord(schema) && ["string", "integer", "number", "boolean"].includes(String(schema.type))

const tidyObject = (object: Readonly<Record<string, unknown>>) => {
  const isSchema = "type" in object || "anyOf" in object || "allOf" in object
  if (!isSchema) return object
  return Object.fromEntries(
    Object.entries(object).filter(([key, value]) => {
      if (typeof value === "string")
        return key !== "title" && !(key === "description" && saysNothing.test(value))
      // Requests may carry more than is asked for, and answers may grow.
      if (key === "additionalProperties") return value !== false
      return !(key === "required" && Array.isArray(value) && value.length === 0)
    }),
  )
}

/**
 * Schemas as a reader wants them: without the notes of the library that made them, and with
 * strings and numbers where they stand instead of behind a reference. `schemas` are the components
 * that references in `value` lead to.
 */
export const tidy = (value: unknown, schemas: Readonly<Record<string, unknown>>): unknown =>
  rebuild(rebuild(value, tidyObject), (object) => {
    const name = target(object)?.replace(/^schemas\//, "") ?? ""
    const named = builtIn[name] ?? schemas[name]
    if (isScalar(named)) return tidyObject(named)
    const { allOf, ...rest } = object
    if (!Array.isArray(allOf) || allOf.length !== 1 || !isRecord(allOf[0])) return object
    const [only] = allOf
    return { ...only, ...rest }
  })

/** The components that are still referred to once scalars stand where they are used. */
export const isNamed = ([name, schema]: readonly [string, unknown]): boolean =>
  !(name in builtIn) && !isScalar(schema)
