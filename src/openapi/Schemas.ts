import { JSONSchema, type SchemaAST } from "effect"
import { isRecord, type JsonSchema, mapObjects } from "./Document"

/** Matches the descriptions that Effect generates, which are about TypeScript types. */
const generatedDescription =
  /^(an? (string|number|integer|boolean|(finite|positive|non-negative) number)\b.*|an array of .* item\(s\)|Date|(min|max)Length\(.*)$/

const schemaPath = "#/components/schemas/"

const builtIn: Readonly<Record<string, JsonSchema>> = {
  Date: { type: "string", format: "date-time" },
  DateFromString: { type: "string", format: "date-time" },
}

const isScalar = (schema: unknown): schema is JsonSchema =>
  isRecord(schema) && ["string", "integer", "number", "boolean"].includes(String(schema["type"]))

/** Removes generated titles and descriptions, and the rejection of unknown fields, which the server ignores. */
const removeGenerated = (object: Readonly<Record<string, unknown>>) => {
  const isSchema = "type" in object || "anyOf" in object || "allOf" in object
  if (!isSchema) return object
  return Object.fromEntries(
    Object.entries(object).filter(([key, value]) => {
      if (typeof value === "string")
        return key !== "title" && !(key === "description" && generatedDescription.test(value))
      if (key === "additionalProperties") return value !== false
      return !(key === "required" && Array.isArray(value) && value.length === 0)
    }),
  )
}

/** Writes a choice of a simple type or null as an array of types, and an `allOf` of one schema as the schema. */
const flatten = (object: Readonly<Record<string, unknown>>) => {
  const { allOf, anyOf, ...rest } = object
  if (Array.isArray(allOf) && allOf.length === 1 && isRecord(allOf[0])) return { ...allOf[0], ...rest }
  if (!Array.isArray(anyOf)) return object
  const [only, ...others] = anyOf.filter((part) => Object(part).type !== "null")
  if (others.length > 0 || anyOf.length === 1 || typeof Object(only).type !== "string") return object
  const { type, enum: values, ...schema } = only
  return {
    ...schema,
    ...(values === undefined ? {} : { enum: [...values, null] }),
    ...rest,
    type: [type, "null"],
  }
}

/** Collects the schemas of a document, whose named ones become its components. */
export const makeSchemas = () => {
  const definitions: Record<string, JSONSchema.JsonSchema7> = {}

  /** Returns the JSON Schema of a schema's encoded form. */
  const inline = (ast: SchemaAST.AST): JsonSchema => ({
    ...JSONSchema.fromAST(ast, { definitions, definitionPath: schemaPath, target: "openApi3.1" }),
  })

  /** Returns a reference to the JSON Schema of a body: the component `name`, unless it has a name itself. */
  const named = (ast: SchemaAST.AST, name: string): JsonSchema => {
    const schema = inline(ast)
    if ("$ref" in schema || isScalar(schema)) return schema
    definitions[name] = schema as never
    return { $ref: `${schemaPath}${name}` }
  }

  /** Simplifies schemas for readers and generators, and inlines references to strings, numbers and booleans. */
  const simplify = <A>(value: A): A =>
    mapObjects(mapObjects(value, removeGenerated), (object) => {
      const name = String(object["$ref"] ?? "").slice(schemaPath.length)
      const definition = builtIn[name] ?? definitions[name]
      return isScalar(definition) ? removeGenerated(definition) : flatten(object)
    }) as A

  /** Whether a body may be absent, because all its fields may. */
  const isOptional = ({ $ref }: JsonSchema) => {
    const { type, required } = Object(definitions[String($ref).slice(schemaPath.length)])
    return type === "object" && (required ?? []).length === 0
  }

  const components = () =>
    simplify(
      Object.fromEntries(
        Object.entries(definitions).filter(([name, schema]) => !(name in builtIn) && !isScalar(schema)),
      ),
    )

  return { inline, named, simplify, isOptional, components }
}

export type Schemas = ReturnType<typeof makeSchemas>

/** Converts the name of an operation or event to the name of a component: `send_message` to `SendMessage`. */
export const toPascalCase = (name: string) =>
  name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
