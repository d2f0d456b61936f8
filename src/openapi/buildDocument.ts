import { Effect, JSONSchema } from "effect"
import type { Contract, Operation } from "../http/Contract"
import type { Example } from "../http/Examples"
import { pruned } from "./Components"
import type { Document, JsonSchema, OperationObject, Parameter, Response } from "./Document"
import { headers } from "./Headers"
import type { About } from "./Info"
import { edgeProblems, exampleOf } from "./middlewareErrors"
import { responsesOf } from "./Responses"
import { isNamed, tidy } from "./Schemas"

const isSuccess = ({ response }: Example) => response.status < 300

const streams = (response: Response | undefined) => response?.content?.["text/event-stream"] !== undefined

const lastEventId: Parameter = {
  name: "Last-Event-ID",
  in: "header",
  required: false,
  description: "The id of the last event that was seen, to go on after it",
  schema: { type: "integer", minimum: 0 },
  example: 2,
}

/** A parameter, with what a recorded request had in its place. */
const withExample = (parameter: Parameter, recorded: ReadonlyArray<Example>): Parameter => {
  const found = recorded.filter(isSuccess).flatMap(({ request }) => {
    const value = (parameter.in === "path" ? request.path : request.query)?.[parameter.name]
    return value === undefined ? [] : [value]
  })[0]
  if (found === undefined) return parameter
  const written = parameter.schema.type === "integer" || parameter.schema.type === "boolean"
  return { ...parameter, example: written ? JSON.parse(found) : found }
}

const bodyOf = (body: OperationObject["requestBody"], recorded: ReadonlyArray<Example>) => {
  const json = body?.content["application/json"]
  if (json === undefined) return {}
  const sent = recorded.flatMap(({ name, summary, request, response }) =>
    response.status < 300 && request.body !== undefined ? [[name, { summary, value: request.body }]] : [],
  )
  const examples = sent.length === 0 ? {} : { examples: Object.fromEntries(sent) }
  // No body at all is read as an empty object.
  const required = json.schema.required !== undefined || json.schema.$ref !== undefined
  return { requestBody: { required, content: { "application/json": { ...json, ...examples } } } }
}

/** The names and addresses under which the specification and the contract know an operation. */
const keyOf = ({ method, path }: Operation) => `${method.toLowerCase()} ${path.replace(/:(\w+)/g, "{$1}")}`

/** The shape of the contract's errors, and the components that it refers to. */
const errorSchemas = ({ errorBody }: Contract) => {
  const schemas: Record<string, JSONSchema.JsonSchema7> = {}
  const schema = JSONSchema.fromAST(errorBody.ast, {
    definitions: schemas,
    definitionPath: "#/components/schemas/",
    target: "openApi3.1",
  })
  return { errorBody: { ...schema }, schemas }
}

const headersTooLarge: Response = {
  description: "The request line and headers are larger than 1 MiB together. Nothing else is said.",
}

/** One operation with every answer that it can be given, and with what was recorded of it. */
const describeOperation = Effect.fnUntraced(function* (
  contract: Contract,
  operation: Operation,
  errorBody: JsonSchema,
  maxBody: number,
  was: OperationObject,
) {
  const recorded = contract.examples[operation.name] ?? []
  const asks = was.parameters.some((parameter) => parameter.in === "query")
  const declared = Object.entries(was.responses).filter(
    (entry): entry is [string, Response] => "description" in entry[1],
  )
  const edge = yield* Effect.forEach(
    edgeProblems(operation, asks, was.security.length > 0, maxBody),
    ({ problem, when }) =>
      problem.details === undefined
        ? Effect.map(exampleOf(contract, problem), (example) => ({ problem, when, example }))
        : Effect.succeed({ problem, when }),
  )
  const { own, shared } = responsesOf({
    declared: Object.fromEntries(declared),
    edge,
    recorded,
    errorBody,
    limited: operation.limits.length > 0,
  })
  const resumes = declared.some(([, response]) => streams(response)) ? [lastEventId] : []
  const described: OperationObject = {
    ...was,
    operationId: `${contract.name.toLowerCase()}.${operation.name}`,
    parameters: [...was.parameters.map((parameter) => withExample(parameter, recorded)), ...resumes],
    ...bodyOf(was.requestBody, recorded),
    responses: { ...own, "431": { $ref: "#/components/responses/HeadersTooLarge" } },
  }
  return { described, shared }
})

/** The document of one contract. `maxBody`: the bytes that a request's body may have. */
export const describe = Effect.fnUntraced(function* (contract: Contract, about: About, maxBody: number) {
  const { spec } = contract
  const error = errorSchemas(contract)
  const all = { ...spec.components.schemas, ...error.schemas }
  const plain = tidy(spec.paths, all) as Document["paths"]
  const schemas = tidy(Object.fromEntries(Object.entries(all).filter(isNamed)), all) as Record<
    string,
    JsonSchema
  >
  const paths: Record<string, Record<string, OperationObject>> = {}
  const responses: Record<string, Response> = { HeadersTooLarge: headersTooLarge }
  for (const operation of contract.operations) {
    const [method = "", path = ""] = keyOf(operation).split(" ")
    const was = plain[path]?.[method]
    if (was === undefined) continue
    const { described, shared } = yield* describeOperation(contract, operation, error.errorBody, maxBody, was)
    Object.assign(responses, shared)
    paths[path] = { ...paths[path], [method]: described }
  }
  const { title, description } = spec.info
  return pruned({
    openapi: "3.1.0",
    info: { title, ...(description === undefined ? {} : { description }), ...about.info },
    servers: about.servers,
    tags: spec.tags,
    paths,
    components: { schemas, responses, headers, securitySchemes: { ...spec.components.securitySchemes } },
  })
})
