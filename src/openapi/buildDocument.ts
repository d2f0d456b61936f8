import { OpenApi } from "@effect/platform"
import { Option, type Schema, SchemaAST } from "effect"
import { contentTypes } from "../http/BodyFormat"
import type { Contract, Operation } from "../http/Contract"
import { exampleOf } from "../http/Example"
import type { DocumentInfo } from "./Info"
import { headers, makeResponses, type Response } from "./Responses"
import { makeSchemas, renameClashes, type Schemas, toPascalCase } from "./Schemas"

const overview = {
  title: "Parley",
  description: `A chat backend in a single executable. It serves several documented APIs, each at the paths that
its document specifies; they share accounts, conversations and generations.

- **Sign in** through any contract and send \`Authorization: Bearer …\`; browsers may use the session cookie instead,
  and programs an API key as \`X-API-Key\`.
- **Errors** have \`error\`, \`code\` and \`requestId\` in every contract, plus the fields that the contract adds.
- **Rate limits** are in \`X-RateLimit-*\`; a rejected request has \`Retry-After\`, the seconds to wait.
- **Events** over Socket.IO have a separate document, [asyncapi.json](asyncapi.json), and so have PlexiChat's
  WebSockets: [asyncapi/plexichat.json](asyncapi/plexichat.json).`,
}

const lastEventId = {
  name: "Last-Event-ID",
  in: "header",
  required: false,
  description: "The id of the last received event; the stream continues after it",
  schema: { type: "integer", minimum: 0 },
  example: 2,
}

const ifNoneMatch = {
  name: "If-None-Match",
  in: "header",
  required: false,
  description: "Responds with 304 if the response still has this ETag",
  schema: { type: "string" },
  example: 'W/"yFd0uN6qCkvPzL1mRrQ3Tw"',
}

/** Describes path, query or header parameters, each with its part of the schema's example. */
const parametersOf = (
  place: "path" | "query" | "header",
  schema: Option.Option<Schema.Schema.All>,
  { inline }: Schemas,
) => {
  if (Option.isNone(schema)) return []
  const { properties, required = [] } = Object(inline(schema.value.ast))
  const examples = Object(Option.getOrUndefined(exampleOf(schema.value.ast)))
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = Object(property)
    const example = examples[name]
    const isJson = ["integer", "boolean"].includes(schema.type) && typeof example === "string"
    return {
      name,
      in: place,
      required: required.includes(name),
      description,
      schema,
      example: isJson ? JSON.parse(example) : example,
    }
  })
}

/** Describes the operations of a contract by path and method, and the components that they refer to. */
const describeContract = (contract: Contract, maxBody: number, tagName: (tag: string) => string) => {
  const spec = OpenApi.fromApi(contract.api)
  const schemas = makeSchemas()
  const responses: Record<string, Response> = {}
  const responsesOf = makeResponses(contract, schemas, maxBody, responses)

  const describe = (operation: Operation, generated: OpenApi.OpenAPISpecOperation) => {
    const { bodyFormat, endpoint, name } = operation
    const query = parametersOf("query", endpoint.urlParamsSchema, schemas)
    const body = bodyFormat && Option.getOrUndefined(endpoint.payloadSchema)?.ast
    const fields = body === undefined ? [] : SchemaAST.getPropertySignatures(SchemaAST.encodedAST(body))
    const [input] = [...query.filter(({ required }) => required), ...query, ...fields]
    const responses = responsesOf(operation, input && String(input.name))
    const isStream = Object.values(responses).some(
      (one) => "content" in one && one.content?.["text/event-stream"],
    )
    return {
      ...generated,
      tags: generated.tags.map(tagName),
      operationId: `${contract.name.toLowerCase()}.${name}`,
      security: operation.isSessionOnly
        ? generated.security.filter((scheme) => !("apiKey" in scheme))
        : generated.security,
      parameters: [
        ...parametersOf("path", endpoint.pathSchema, schemas),
        ...query,
        ...parametersOf("header", endpoint.headersSchema, schemas),
        ...(isStream ? [lastEventId] : []),
        ...(operation.hasWeakETag ? [ifNoneMatch] : []),
      ],
      requestBody: body && {
        // An absent body counts as an empty object.
        required: fields.some(({ isOptional }) => !isOptional),
        content: {
          [contentTypes[bodyFormat ?? "json"]]: schemas.content(body, `${toPascalCase(name)}Request`),
        },
      },
      responses,
    }
  }

  const paths: Record<string, Record<string, ReturnType<typeof describe>>> = {}
  for (const operation of contract.operations) {
    const path = operation.path.replace(/:(\w+)/g, "{$1}")
    const method = operation.method.toLowerCase()
    const generated = Object(spec.paths[`/${path.slice(1)}`])[method]
    paths[path] = { ...paths[path], [method]: describe(operation, generated) }
  }
  const tags = spec.tags.map(({ name, ...tag }) => ({ ...tag, name: tagName(name), displayName: name }))
  const { securitySchemes } = spec.components
  return { info: spec.info, tags, paths, schemas: schemas.components(), responses, securitySchemes }
}

/**
 * Builds the OpenAPI document of a contract, or of several: then its tags are qualified by their contract, and
 * a path of two contracts has the methods of both. `maxBody`: the largest accepted request body, in bytes.
 */
export const buildDocument = (
  contracts: ReadonlyArray<Contract>,
  { info, servers }: DocumentInfo,
  maxBody: number,
) => {
  const isWhole = contracts.length > 1
  const paths: ReturnType<typeof describeContract>["paths"] = {}
  const schemas: ReturnType<typeof describeContract>["schemas"] = {}
  const parts = contracts.map((contract) => {
    const tagName = (tag: string) => (isWhole ? `${contract.name}: ${tag}` : tag)
    const part = renameClashes(describeContract(contract, maxBody, tagName), contract.name, schemas)
    Object.assign(schemas, part.schemas)
    for (const [path, item] of Object.entries(part.paths)) paths[path] = { ...paths[path], ...item }
    return { name: contract.name, ...part }
  })
  return {
    openapi: "3.1.0",
    info: { ...(isWhole ? overview : parts[0]?.info), ...info },
    servers,
    tags: parts.flatMap(({ tags }) =>
      tags.map(({ displayName, ...tag }) => (isWhole ? { ...tag, "x-displayName": displayName } : tag)),
    ),
    "x-tagGroups": isWhole
      ? parts.map(({ name, tags }) => ({ name, tags: tags.map((tag) => tag.name) }))
      : undefined,
    paths,
    components: {
      schemas,
      responses: Object.assign({}, ...parts.map(({ responses }) => responses)),
      headers,
      securitySchemes: Object.assign({}, ...parts.map(({ securitySchemes }) => securitySchemes)),
    },
  }
}

export type Document = ReturnType<typeof buildDocument>
