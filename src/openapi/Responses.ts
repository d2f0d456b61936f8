import { HttpApiSchema } from "@effect/platform"
import { Array, Duration, Option, Record, SchemaAST } from "effect"
import { contentTypes } from "../http/BodyFormat"
import type { Contract, Operation } from "../http/Contract"
import { exampleRequestId } from "../http/ErrorBody"
import { exampleOf } from "../http/Example"
import * as HttpErrors from "../http/HttpError"
import { type Content, type Schemas, toPascalCase } from "./Schemas"

const integer = (description: string, example: number) => ({
  description,
  schema: { type: "integer" },
  example,
})

/** The response headers that all operations share, as components. */
export const headers = {
  RequestId: {
    description: "The id of this request, to quote in a report",
    schema: { type: "string" },
    example: exampleRequestId,
  },
  RateLimit: integer("Requests allowed per minute, and at once", 100),
  RateLimitRemaining: integer("Requests left", 99),
  RateLimitReset: integer("When the limit is fully reset, in seconds since the Unix epoch", 1_768_469_460),
  RetryAfter: integer("Seconds to wait before the next attempt", 12),
}

const ref = (name: keyof typeof headers) => ({ $ref: `#/components/headers/${name}` })

const onEvery = { "X-Request-Id": ref("RequestId") }

/** For responses to rate-limited requests; absent with `RATE_LIMITS=off`. */
const onLimited = {
  ...onEvery,
  "X-RateLimit-Limit": ref("RateLimit"),
  "X-RateLimit-Remaining": ref("RateLimitRemaining"),
  "X-RateLimit-Reset": ref("RateLimitReset"),
}

const onRejected = { ...onLimited, "Retry-After": ref("RetryAfter") }

/** A response, with its bodies by content type. */
export interface Response {
  readonly description: string
  readonly headers: object
  readonly content?: { readonly [type: string]: Content } | undefined
}

/** Returns the errors with which the middleware responds in place of an operation. */
const middlewareErrors = (
  { bodyFormat, isSessionOnly, isWrite, maxBodySize, requiresActor, rateLimits }: Operation,
  inputField: string | undefined,
  maxBody: number,
): ReadonlyArray<HttpErrors.HttpError> => [
  ...(inputField === undefined ? [] : [HttpErrors.invalid([{ field: inputField, message: "is required" }])]),
  ...(bodyFormat === "json" ? [HttpErrors.malformedJson, HttpErrors.jsonTooDeep] : []),
  ...(bodyFormat === "form" || bodyFormat === "multipart" ? [HttpErrors.malformedForm] : []),
  ...(bodyFormat === undefined
    ? []
    : [
        // An operation that receives a file declares its own limit.
        ...(bodyFormat === "multipart" ? [] : [HttpErrors.payloadTooLarge(maxBodySize ?? maxBody)]),
        HttpErrors.bodyTimedOut,
        HttpErrors.unsupportedMediaType(contentTypes[bodyFormat]),
      ]),
  ...(requiresActor ? [HttpErrors.unauthenticated] : []),
  ...(requiresActor && isWrite ? [HttpErrors.originNotAllowed] : []),
  ...(requiresActor && !isSessionOnly ? [HttpErrors.insufficientScope(isWrite ? "write" : "read")] : []),
  ...(isSessionOnly ? [HttpErrors.apiKeyNotAllowed] : []),
  ...(rateLimits.length > 0 ? [HttpErrors.rateLimited(Duration.seconds(12))] : []),
  HttpErrors.internalError,
  HttpErrors.databaseUnavailable,
]

type Members = Array.NonEmptyReadonlyArray<SchemaAST.AST>

/** Returns the members of a union; none of an endpoint's errors that declares none. */
const membersOf = (ast: SchemaAST.AST) =>
  (SchemaAST.isUnion(ast) ? ast.types : [ast]).filter((member) => !SchemaAST.isNeverKeyword(member))

const descriptionOf = (ast: SchemaAST.AST) =>
  Option.getOrElse(SchemaAST.getDescriptionAnnotation(ast), () =>
    SchemaAST.isVoidKeyword(ast) ? "No content" : "Success",
  )

/** Makes the function that returns every response of an operation; adds those with one error to `shared`. */
export const makeResponses = (
  contract: Contract,
  schemas: Schemas,
  maxBody: number,
  shared: { [component: string]: Response },
) => {
  const successResponse = (members: Members, name: string, headers: object): Response => {
    const contents = members
      .filter((ast) => !SchemaAST.isVoidKeyword(ast))
      .map((ast) => [HttpApiSchema.getEncoding(ast).contentType, schemas.content(ast, name)])
    const content = contents.length === 0 ? undefined : Object.fromEntries(contents)
    return { description: descriptionOf(members[0]), headers, content }
  }

  const errorResponse = (members: Members, name: string, headers: object) => {
    const bodies = Array.map(members, (ast) => {
      const { schema } = schemas.content(SchemaAST.isTransformation(ast) ? ast.from : ast, name)
      const value = Option.getOrUndefined(exampleOf(ast))
      // Contracts put the code and the sentence into the body, or both into its field `error`.
      const { error = descriptionOf(ast), code = "OTHER" } = Object(value)
      const info = typeof error === "string" ? { code, message: error } : error
      return { schema, code: String(info.code), example: { summary: info.message, value } }
    })
    const [schema, ...others] = Array.dedupeWith(
      Array.map(bodies, (body) => body.schema),
      (a, b) => Bun.deepEquals(a, b),
    )
    const response: Response = {
      description: members.map((ast) => `${members.length > 1 ? "- " : ""}${descriptionOf(ast)}`).join("\n"),
      headers,
      content: {
        "application/json": {
          schema: others.length === 0 ? schema : { anyOf: [schema, ...others] },
          examples: Object.fromEntries(bodies.map(({ code, example }) => [code, example])),
        },
      },
    }
    const component = `${contract.name}${toPascalCase(bodies[0].code.toLowerCase())}`
    if (bodies.length === 1) shared[component] ??= response
    const isShared = Bun.deepEquals(shared[component], response)
    return isShared ? { $ref: `#/components/responses/${component}` } : response
  }

  return (operation: Operation, inputField: string | undefined) => {
    const { endpoint, name, rateLimits } = operation
    const [onSuccess, onTooMany] = rateLimits.length > 0 ? [onLimited, onRejected] : [onEvery, onEvery]
    const successes = Array.groupBy(membersOf(endpoint.successSchema.ast), (ast) =>
      String(HttpApiSchema.getStatusSuccessAST(ast)),
    )
    const fromMiddleware = middlewareErrors(operation, inputField, maxBody)
    const errors = Array.groupBy(
      [
        ...membersOf(endpoint.errorSchema.ast),
        ...fromMiddleware.map((error) => contract.errorSchema(error).ast),
      ],
      (ast) => String(HttpApiSchema.getStatusErrorAST(ast)),
    )
    const notModified: Record<string, Response> = operation.hasWeakETag
      ? { "304": { description: "The client has the response already", headers: onSuccess } }
      : {}
    return {
      ...Record.map(successes, (members) =>
        successResponse(members, `${toPascalCase(name)}Response`, onSuccess),
      ),
      ...notModified,
      ...Record.map(errors, (members, status) =>
        errorResponse(members, `${toPascalCase(name)}Error`, status === "429" ? onTooMany : onEvery),
      ),
    }
  }
}
