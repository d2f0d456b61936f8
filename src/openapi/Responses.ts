import { HttpApiError, HttpApiSchema } from "@effect/platform"
import { Duration, Option, SchemaAST } from "effect"
import { contentTypes } from "../http/BodyFormat"
import type { Contract, Operation } from "../http/Contract"
import { exampleOf } from "../http/Example"
import * as HttpErrors from "../http/HttpError"
import type { Content, JsonSchema, Response } from "./Document"
import * as Headers from "./Headers"
import { type Schemas, toPascalCase } from "./Schemas"

/** A reason for which an operation fails, with an example of the body. */
interface Failure {
  readonly status: number
  readonly description: string
  readonly body: { readonly code: string; readonly error: string }
}

interface DeclaredResponse {
  readonly ast: Option.Option<SchemaAST.AST>
  readonly description: Option.Option<string>
}

/** The responses that an endpoint declares, by status. */
export type Declared = ReadonlyMap<number, DeclaredResponse>

const membersOf = ({ ast }: Pick<DeclaredResponse, "ast">) =>
  Option.match(ast, {
    onNone: () => [],
    onSome: (ast): ReadonlyArray<SchemaAST.AST> => (SchemaAST.isUnion(ast) ? ast.types : [ast]),
  })

const descriptionOf = (ast: SchemaAST.AST) =>
  Option.getOrElse(SchemaAST.getDescriptionAnnotation(ast), () => "")

const isErrorOf = (contract: Contract) => (ast: SchemaAST.AST) =>
  SchemaAST.isTransformation(ast) && ast.from === contract.errorSchema.ast

/** Lists the errors with which the middleware responds in place of an operation. */
const middlewareErrors = (
  { bodyFormat, isWrite, requiresActor, rateLimits }: Operation,
  inputField: string | undefined,
  maxBody: number,
): ReadonlyArray<HttpErrors.HttpError> => [
  ...(inputField === undefined ? [] : [HttpErrors.invalid([{ field: inputField, message: "is required" }])]),
  ...(bodyFormat === "json" ? [HttpErrors.malformedJson, HttpErrors.jsonTooDeep] : []),
  ...(bodyFormat === "form" || bodyFormat === "multipart" ? [HttpErrors.malformedForm] : []),
  ...(bodyFormat === undefined
    ? []
    : [HttpErrors.payloadTooLarge(maxBody), HttpErrors.unsupportedMediaType(contentTypes[bodyFormat])]),
  ...(requiresActor ? [HttpErrors.unauthenticated] : []),
  ...(requiresActor && isWrite ? [HttpErrors.originNotAllowed] : []),
  ...(rateLimits.length > 0 ? [HttpErrors.rateLimited(Duration.seconds(12))] : []),
  HttpErrors.internalError,
  HttpErrors.databaseUnavailable,
]

const describeFailure = ({ code, fields, message }: HttpErrors.HttpError) =>
  `\`${code}\`: ${fields === undefined ? message : "A field is missing or invalid; `details` and `fields` name it."}`

const errorResponse = (
  failures: ReadonlyArray<Failure>,
  schema: JsonSchema,
  headers: Response["headers"],
): Response => ({
  description:
    failures.length === 1
      ? failures.map(({ description }) => description).join()
      : failures.map(({ description }) => `- ${description}`).join("\n"),
  headers: { ...headers },
  content: {
    "application/json": {
      schema,
      examples: Object.fromEntries(
        failures.map(({ body }) => [body.code, { summary: body.error, value: body }]),
      ),
    },
  },
})

/** Returns the responses with one status, by content type. */
const declaredResponse = (
  description: Option.Option<string>,
  members: ReadonlyArray<SchemaAST.AST>,
  name: string,
  headers: Response["headers"],
  schemas: Schemas,
): Response => {
  const contents = members.flatMap((ast): ReadonlyArray<readonly [string, Content]> => {
    if (HttpApiSchema.getEmptyDecodeable(ast) || SchemaAST.isVoidKeyword(ast)) return []
    const example = Option.match(exampleOf(ast), {
      onNone: () => ({}),
      onSome: (value) => ({ example: value }),
    })
    return [[HttpApiSchema.getEncoding(ast).contentType, { schema: schemas.named(ast, name), ...example }]]
  })
  return {
    description: Option.getOrElse(description, () => "Success"),
    headers: { ...headers },
    ...(contents.length === 0 ? {} : { content: Object.fromEntries(contents) }),
  }
}

/** Makes the function that returns every response of an operation; adds shared ones to `shared`. */
export const makeResponses =
  (contract: Contract, schemas: Schemas, maxBody: number, shared: Record<string, Response>) =>
  (operation: Operation, inputField: string | undefined, successes: Declared, errors: Declared) => {
    const name = toPascalCase(operation.name)
    const limited = operation.rateLimits.length > 0
    const successHeaders = { ...Headers.onEvery, ...(limited ? Headers.onLimited : {}) }
    const errorBody = schemas.inline(contract.errorSchema.ast)
    const isError = isErrorOf(contract)
    const fromMiddleware = middlewareErrors(operation, inputField, maxBody).map((error) => ({
      status: error.status,
      description: describeFailure(error),
      body: contract.exampleError(error) as Failure["body"],
    }))
    const declared = [...errors].flatMap(([status, response]) =>
      membersOf(response)
        .filter(isError)
        .map((ast) => ({
          status,
          description: descriptionOf(ast),
          body: Option.getOrThrow(exampleOf(ast)) as Failure["body"],
        })),
    )
    const entries: Array<readonly [number, Response | { readonly $ref: string }]> = [...successes].map(
      ([status, response]) => [
        status,
        declaredResponse(
          response.description,
          membersOf(response),
          `${name}Response`,
          successHeaders,
          schemas,
        ),
      ],
    )
    for (const [status, failures] of Map.groupBy([...declared, ...fromMiddleware], ({ status }) => status)) {
      const headers = { ...Headers.onEvery, ...(status === 429 && limited ? Headers.onRejected : {}) }
      const others = membersOf(errors.get(status) ?? { ast: Option.none() }).filter(
        (ast) => !isError(ast) && ast !== HttpApiError.HttpApiDecodeError.ast,
      )
      const [only, ...more] = failures
      const response = errorResponse(failures, errorBody, headers)
      if (others.length > 0) {
        const other = declaredResponse(
          Option.map(Option.fromNullable(others[0]), descriptionOf),
          others,
          `${name}Error`,
          headers,
          schemas,
        )
        entries.push([status, withAlternative(response, other)])
      } else if (only === undefined || more.length > 0 || declared.includes(only) || "fields" in only.body)
        entries.push([status, response])
      else {
        const component = `${contract.name}${toPascalCase(only.body.code.toLowerCase())}`
        shared[component] = response
        entries.push([status, { $ref: `#/components/responses/${component}` }])
      }
    }
    return Object.fromEntries(entries.toSorted(([a], [b]) => a - b))
  }

/** Adds another kind of body to an error response. */
const withAlternative = (response: Response, other: Response): Response => {
  const [error, alternative] = [response, other].map(({ content }) => content?.["application/json"])
  if (error === undefined || alternative === undefined) return response
  const { example, schema } = alternative
  return {
    ...response,
    description: [other, response].map(({ description }) => `- ${description}`).join("\n"),
    content: {
      "application/json": {
        schema: { anyOf: [schema, error.schema] },
        examples: {
          ...error.examples,
          ...(example === undefined ? {} : { OTHER: { summary: other.description, value: example } }),
        },
      },
    },
  }
}
