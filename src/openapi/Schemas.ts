import { isRecord, type JsonSchema, mapObjects, refTarget } from "./Document"

/** Matches the descriptions that Effect generates, which are about TypeScript types. */
const generatedDescription =
  /^(an? (string|number|integer|boolean|(finite|positive|non-negative) number)\b.*|an array of .* item\(s\)|Date|(min|max)Length\(.*)$/

const builtIn: Readonly<Record<string, JsonSchema>> = {
  Date: { type: "string", format: "date-time" },
  DateFromString: { type: "string", format: "date-time" },
}

const isScalar = (schema: unknown): schema is JsonSchema =>
  isRecord(schema) && ["string", "integer", "number", "boolean"].includes(String(schema.type))

const simplifyObject = (object: Readonly<Record<string, unknown>>) => {
  const isSchema = "type" in object || "anyOf" in object || "allOf" in object
  if (!isSchema) return object
  return Object.fromEntries(
    Object.entries(object).filter(([key, value]) => {
      if (typeof value === "string")
        return key !== "title" && !(key === "description" && generatedDescription.test(value))
      // Requests may have unknown fields, and responses may gain fields.
      if (key === "additionalProperties") return value !== false
      return !(key === "required" && Array.isArray(value) && value.length === 0)
    }),
  )
}

/**
 * Simplifies schemas for readers: removes generated titles and descriptions, and inlines references to
 * strings, numbers and booleans. `schemas`: the components that references in `value` point to.
 */
export const simplifySchema = (value: unknown, schemas: Readonly<Record<string, unknown>>): unknown =>
  mapObjects(mapObjects(value, simplifyObject), (object) => {
    const name = refTarget(object)?.replace(/^schemas\//, "") ?? ""
    const definition = builtIn[name] ?? schemas[name]
    if (isScalar(definition)) return simplifyObject(definition)
    const { allOf, ...rest } = object
    if (!Array.isArray(allOf) || allOf.length !== 1 || !isRecord(allOf[0])) return object
    const [only] = allOf
    return { ...only, ...rest }
  })

/** Keeps the components that `simplifySchema` does not inline. */
export const isNamed = ([name, schema]: readonly [string, unknown]): boolean =>
  !(name in builtIn) && !isScalar(schema)
