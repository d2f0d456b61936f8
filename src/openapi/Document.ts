/** A JSON Schema in the dialect of OpenAPI 3.1. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** The schema of a body, with one example, or with several by name. */
export interface Content {
  readonly schema: JsonSchema
  readonly example?: unknown
  readonly examples?: Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>
}

export interface Reference {
  readonly $ref: string
}

export interface Response {
  readonly description: string
  readonly headers?: Readonly<Record<string, Reference>>
  readonly content?: Readonly<Record<string, Content>>
}

export interface Parameter {
  readonly name: string
  readonly in: string
  readonly required: boolean
  readonly description?: string
  readonly schema: JsonSchema
  readonly example?: unknown
}

export interface OperationObject {
  readonly tags: ReadonlyArray<string>
  readonly operationId: string
  readonly summary?: string
  readonly description?: string
  readonly parameters: ReadonlyArray<Parameter>
  readonly security: ReadonlyArray<Readonly<Record<string, ReadonlyArray<string>>>>
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, Content>> }
  readonly responses: Readonly<Record<string, Response | Reference>>
}

export type PathItem = Readonly<Record<string, OperationObject>>

interface Tag {
  readonly name: string
  readonly description?: string
  readonly "x-displayName"?: string
}

/** An OpenAPI 3.1 document, limited to the fields that Parley uses. */
export interface Document {
  readonly openapi: "3.1.0"
  readonly info: Readonly<Record<string, unknown>> & { readonly title: string }
  readonly servers: ReadonlyArray<{ readonly url: string }>
  readonly tags: ReadonlyArray<Tag>
  readonly "x-tagGroups"?: ReadonlyArray<{ readonly name: string; readonly tags: ReadonlyArray<string> }>
  readonly paths: Readonly<Record<string, PathItem>>
  /** By kind of component (schemas, responses …), then by name. */
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Replaces every object in a JSON value by the result of `change`, innermost first. */
export const mapObjects = (
  value: unknown,
  change: (object: Readonly<Record<string, unknown>>) => unknown,
): unknown => {
  if (Array.isArray(value)) return value.map((item) => mapObjects(item, change))
  if (!isRecord(value)) return value
  return change(
    Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapObjects(inner, change)])),
  )
}
