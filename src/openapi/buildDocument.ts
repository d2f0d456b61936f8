import { Effect, JSONSchema } from "effect"
import type { Contract, Operation } from "../http/Contract"
import type { Example } from "../http/Examples"
import { pruneComponents } from "./Components"
import type { Document, JsonSchema, OperationObject, Parameter, Response } from "./Document"
import { headers } from "./Headers"
import type { DocumentInfo } from "./Info"
import { middlewareErrors, renderExample } from "./middlewareErrors"
import { responsesOf } from "./Responses"
import { isNamed, simplifySchema } from "./Schemas"

const isSuccess = ({ response }: Example) => response.status < 300

const isEventStream = (response: Response | undefined) =>
  response?.content?.["text/event-stream"] !== undefined

const lastEventId: Parameter = {
  name: "Last-Event-ID",
  in: "header",
  required: false,
  description: "The id of the last received event; the stream continues after it",
  schema: { type: "integer", minimum: 0 },
  example: 2,
}

/** Adds to a parameter its value in a recorded request as an example. */
const withExample = (parameter: Parameter, recorded: ReadonlyArray<Example>): Parameter => {
  const value = recorded.filter(isSuccess).flatMap(({ request }) => {
    const recordedValue = (parameter.in === "path" ? request.path : request.query)?.[parameter.name]
    return recordedValue === undefined ? [] : [recordedValue]
  })[0]
  if (value === undefined) return parameter
  const isJson = parameter.schema.type === "integer" || parameter.schema.type === "boolean"
  return { ...parameter, example: isJson ? JSON.parse(value) : value }
}

const bodyOf = (body: OperationObject["requestBody"], recorded: ReadonlyArray<Example>) => {
  const json = body?.content["application/json"]
  if (json === undefined) return {}
  const requests = recorded.flatMap(({ name, summary, request, response }) =>
    response.status < 300 && request.body !== undefined ? [[name, { summary, value: request.body }]] : [],
  )
  const examples = requests.length === 0 ? {} : { examples: Object.fromEntries(requests) }
  // An absent body counts as an empty object.
  const required = json.schema.required !== undefined || json.schema.$ref !== undefined
  return { requestBody: { required, content: { "application/json": { ...json, ...examples } } } }
}

/** Returns the method and path of an operation as the generated document spells them. */
const keyOf = ({ method, path }: Operation) => `${method.toLowerCase()} ${path.replace(/:(\w+)/g, "{$1}")}`

/** Returns the JSON Schema of a contract's error body, and the components that it refers to. */
const errorSchemas = ({ errorSchema }: Contract) => {
  const schemas: Record<string, JSONSchema.JsonSchema7> = {}
  const schema = JSONSchema.fromAST(errorSchema.ast, {
    definitions: schemas,
    definitionPath: "#/components/schemas/",
    target: "openApi3.1",
  })
  return { errorBody: { ...schema }, schemas }
}

const headersTooLarge: Response = {
  description: "The request line and headers are larger than 1 MiB together. The response has no body.",
}

/** Completes a generated operation: all responses, recorded examples, and `Last-Event-ID` for event streams. */
const describeOperation = Effect.fnUntraced(function* (
  contract: Contract,
  operation: Operation,
  errorBody: JsonSchema,
  maxBody: number,
  generated: OperationObject,
) {
  const recorded = contract.examples[operation.name] ?? []
  const hasQuery = generated.parameters.some((parameter) => parameter.in === "query")
  const declared = Object.entries(generated.responses).filter(
    (entry): entry is [string, Response] => "description" in entry[1],
  )
  const errorsWithExamples = yield* Effect.forEach(
    middlewareErrors(operation, hasQuery, generated.security.length > 0, maxBody),
    ({ error, when }) =>
      error.details === undefined
        ? Effect.map(renderExample(contract, error), (example) => ({ error, when, example }))
        : Effect.succeed({ error, when }),
  )
  const { responses, shared } = responsesOf({
    declared: Object.fromEntries(declared),
    middlewareErrors: errorsWithExamples,
    recorded,
    errorBody,
    limited: operation.rateLimits.length > 0,
  })
  const resumeParameters = declared.some(([, response]) => isEventStream(response)) ? [lastEventId] : []
  const described: OperationObject = {
    ...generated,
    operationId: `${contract.name.toLowerCase()}.${operation.name}`,
    parameters: [
      ...generated.parameters.map((parameter) => withExample(parameter, recorded)),
      ...resumeParameters,
    ],
    ...bodyOf(generated.requestBody, recorded),
    responses: { ...responses, "431": { $ref: "#/components/responses/HeadersTooLarge" } },
  }
  return { described, shared }
})

/** Builds the OpenAPI document of a contract. `maxBody`: the largest accepted request body, in bytes. */
export const buildDocument = Effect.fnUntraced(function* (
  contract: Contract,
  documentInfo: DocumentInfo,
  maxBody: number,
) {
  const { spec } = contract
  const error = errorSchemas(contract)
  const allSchemas = { ...spec.components.schemas, ...error.schemas }
  const generatedPaths = simplifySchema(spec.paths, allSchemas) as Document["paths"]
  const schemas = simplifySchema(
    Object.fromEntries(Object.entries(allSchemas).filter(isNamed)),
    allSchemas,
  ) as Record<string, JsonSchema>
  const paths: Record<string, Record<string, OperationObject>> = {}
  const responses: Record<string, Response> = { HeadersTooLarge: headersTooLarge }
  for (const operation of contract.operations) {
    const [method = "", path = ""] = keyOf(operation).split(" ")
    const generated = generatedPaths[path]?.[method]
    if (generated === undefined) continue
    const { described, shared } = yield* describeOperation(
      contract,
      operation,
      error.errorBody,
      maxBody,
      generated,
    )
    Object.assign(responses, shared)
    paths[path] = { ...paths[path], [method]: described }
  }
  const { title, description } = spec.info
  return pruneComponents({
    openapi: "3.1.0",
    info: { title, ...(description === undefined ? {} : { description }), ...documentInfo.info },
    servers: documentInfo.servers,
    tags: spec.tags,
    paths,
    components: { schemas, responses, headers, securitySchemes: { ...spec.components.securitySchemes } },
  })
})
