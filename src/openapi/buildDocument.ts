import { HttpApi, OpenApi } from "@effect/platform"
import { Option, type Schema } from "effect"
import { contentTypes } from "../http/BodyFormat"
import type { Contract } from "../http/Contract"
import { exampleOf } from "../http/Example"
import type { Document, OperationObject, Parameter, Response } from "./Document"
import { headers } from "./Headers"
import type { DocumentInfo } from "./Info"
import { makeResponses } from "./Responses"
import { makeSchemas, type Schemas, toPascalCase } from "./Schemas"

const lastEventId: Parameter = {
  name: "Last-Event-ID",
  in: "header",
  required: false,
  description: "The id of the last received event; the stream continues after it",
  schema: { type: "integer", minimum: 0 },
  example: 2,
}

/** Describes path or query parameters, each with its part of the schema's example. */
const parametersOf = (
  place: "path" | "query",
  schema: Option.Option<Schema.Schema.All>,
  { inline, simplify }: Schemas,
): ReadonlyArray<Parameter> => {
  if (Option.isNone(schema)) return []
  const { properties, required } = Object(simplify(inline(schema.value.ast)))
  const values = Object(Option.getOrElse(exampleOf(schema.value.ast), () => ({})))
  return Object.entries(Object(properties)).map(([name, property]) => {
    const { description, ...schema } = Object(property)
    const isJson = ["integer", "boolean"].includes(schema.type) && typeof values[name] === "string"
    return {
      name,
      in: place,
      required: (required ?? []).includes(name),
      ...(description === undefined ? {} : { description }),
      schema,
      ...(name in values ? { example: isJson ? JSON.parse(values[name]) : values[name] } : {}),
    }
  })
}

/** Builds the OpenAPI document of a contract. `maxBody`: the largest accepted request body, in bytes. */
export const buildDocument = (contract: Contract, documentInfo: DocumentInfo, maxBody: number): Document => {
  const spec = OpenApi.fromApi(contract.api)
  const schemas = makeSchemas()
  const paths: Record<string, Record<string, OperationObject>> = {}
  const responses: Record<string, Response> = {}
  const responsesOf = makeResponses(contract, schemas, maxBody, responses)

  HttpApi.reflect(contract.api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint, payloads, successes, errors }) => {
      const operation = contract.operations.find(({ name }) => name === endpoint.name)
      const path = endpoint.path.replace(/:(\w+)/g, "{$1}")
      const method = endpoint.method.toLowerCase()
      const generated = Object(spec.paths[path as `/${string}`])[method] as OpenApi.OpenAPISpecOperation
      if (operation === undefined) return
      const query = parametersOf("query", endpoint.urlParamsSchema, schemas)
      const body = operation.bodyFormat && [...payloads.values()][0]?.ast
      const bodySchema = body && schemas.named(body, `${toPascalCase(operation.name)}Request`)
      const bodyFields = body && Object.keys(Object(schemas.inline(body)["properties"]))
      const operationResponses = responsesOf(
        operation,
        query.find(({ required }) => required)?.name ?? query[0]?.name ?? bodyFields?.[0],
        successes,
        errors,
      )
      const isStream = Object.values(operationResponses).some(
        (response) => "content" in response && response.content?.["text/event-stream"] !== undefined,
      )
      const described: OperationObject = {
        tags: generated.tags,
        operationId: `${contract.name.toLowerCase()}.${operation.name}`,
        ...(generated.summary === undefined ? {} : { summary: generated.summary }),
        ...(generated.description === undefined ? {} : { description: generated.description }),
        parameters: [
          ...parametersOf("path", endpoint.pathSchema, schemas),
          ...query,
          ...(isStream ? [lastEventId] : []),
        ],
        security: generated.security as OperationObject["security"],
        ...(body === undefined || bodySchema === undefined
          ? {}
          : {
              requestBody: {
                // An absent body counts as an empty object.
                required: !schemas.isOptional(bodySchema),
                content: {
                  [contentTypes[operation.bodyFormat ?? "json"]]: {
                    schema: bodySchema,
                    ...Option.match(exampleOf(body), {
                      onNone: () => ({}),
                      onSome: (example) => ({ example }),
                    }),
                  },
                },
              },
            }),
        responses: operationResponses,
      }
      paths[path] = { ...paths[path], [method]: described }
    },
  })

  const { title, description } = spec.info
  return {
    openapi: "3.1.0",
    info: { title, ...(description === undefined ? {} : { description }), ...documentInfo.info },
    servers: documentInfo.servers,
    tags: spec.tags,
    paths,
    components: {
      schemas: schemas.components(),
      responses,
      headers,
      securitySchemes: { ...spec.components.securitySchemes },
    },
  }
}
