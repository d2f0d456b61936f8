import { JSONSchema, Option, Predicate, type SchemaAST } from "effect"
import { exampleOf } from "../http/Example"

/** Matches the descriptions that Effect generates, which are about TypeScript types. */
const generatedDescription =
  /^(an? (string|number|integer|boolean|(finite|positive|non-negative) number)\b.*|an array of .* item\(s\)|Date|(min|max)Length\(.*)$/

const schemaPath = "#/components/schemas/"

const isScalar = (schema: object) =>
  ["string", "integer", "number", "boolean"].includes(String(Object(schema).type))

/** Whether an entry of a schema is generated, or rejects unknown fields, which the server ignores. */
const isNoise = (key: string, value: unknown) =>
  (["$id", "title"].includes(key) && typeof value === "string") ||
  (key === "description" && generatedDescription.test(String(value))) ||
  (key === "additionalProperties" && value === false) ||
  (key === "required" && Array.isArray(value) && value.length === 0)

/** Writes a choice of a type or null as an array of types, and an `allOf` of one schema as the schema. */
const flatten = (object: Readonly<Record<string, unknown>>) => {
  const { allOf, anyOf, ...rest } = object
  if (Array.isArray(allOf) && allOf.length === 1) return { ...allOf[0], ...rest }
  const [schema, alternative, ...others] = Array.isArray(anyOf) ? anyOf : []
  if (alternative?.type !== "null" || typeof schema.type !== "string" || others.length > 0) return object
  const values = schema.enum === undefined ? {} : { enum: [...schema.enum, null] }
  return { ...schema, ...values, ...rest, type: [schema.type, "null"] }
}

/** A body, with one example, or with several by name. */
export interface Content {
  readonly schema: Readonly<Record<string, unknown>>
  readonly example?: unknown
  readonly examples?: Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>
}

/** Collects the schemas of a document, whose named ones become its components. */
export const makeSchemas = () => {
  const dateTime = { type: "string", format: "date-time" } as const
  const definitions: Record<string, JSONSchema.JsonSchema7> = {
    Date: dateTime,
    DateFromString: dateTime,
  }

  /** Simplifies a schema for readers and generators, and inlines references to strings, numbers and booleans. */
  const simplify = (schema: object): JSONSchema.JsonSchema7 =>
    JSON.parse(JSON.stringify(schema), (key, value) => {
      if (isNoise(key, value)) return undefined
      if (!Predicate.isRecord(value)) return value
      const definition = definitions[String(value["$ref"]).slice(schemaPath.length)]
      return definition !== undefined && isScalar(definition) ? simplify(definition) : flatten(value)
    })

  /** Returns the JSON Schema of a schema's encoded form. */
  const inline = (ast: SchemaAST.AST) =>
    simplify(JSONSchema.fromAST(ast, { definitions, definitionPath: schemaPath, target: "openApi3.1" }))

  /** Returns a body with its example. Its schema becomes the component `name`, unless it has a name itself. */
  const content = (ast: SchemaAST.AST, name: string): Content => {
    const schema = inline(ast)
    const isNamed = "$ref" in schema || isScalar(schema)
    if (!isNamed) definitions[name] = schema
    return {
      schema: isNamed ? { ...schema } : { $ref: `${schemaPath}${name}` },
      example: Option.getOrUndefined(exampleOf(ast)),
    }
  }

  const components = () =>
    Object.fromEntries(
      Object.entries(definitions).flatMap(([name, schema]) =>
        isScalar(schema) ? [] : [[name, { ...simplify(schema) }]],
      ),
    )

  return { inline, content, components }
}

export type Schemas = ReturnType<typeof makeSchemas>

/** Adds a contract's name to those of its schemas that differ from other contracts' schemas of the same name. */
export const renameClashes = <Part extends { readonly schemas: Readonly<Record<string, object>> }>(
  part: Part,
  contract: string,
  others: Readonly<Record<string, object>>,
): Part => {
  const clash = Object.keys(part.schemas).find(
    (name) => name in others && !Bun.deepEquals(others[name], part.schemas[name]),
  )
  if (clash === undefined) return part
  const { [clash]: schema, ...schemas } = part.schemas
  const renamed = JSON.stringify({ ...part, schemas: { ...schemas, [contract + clash]: schema } })
  const refs = renamed.replaceAll(`"${schemaPath}${clash}"`, `"${schemaPath}${contract}${clash}"`)
  return renameClashes(JSON.parse(refs), contract, others)
}

/** Converts the name of an operation, event or frame to that of a component: `message.send` to `MessageSend`. */
export const toPascalCase = (name: string) =>
  name.replace(/(?:^|[_.-])([a-z])/g, (_, letter: string) => letter.toUpperCase())
