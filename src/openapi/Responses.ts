import { isDeepStrictEqual } from "node:util"
import type { Example } from "../http/Examples"
import {
  type Content,
  isRecord,
  type JsonSchema,
  type NamedExample,
  type Reference,
  type Response,
} from "./Document"
import * as Headers from "./Headers"
import type { MiddlewareError } from "./middlewareErrors"

/** The responses of an operation. `shared`: those that are components of the contract's document, by name. */
export interface Responses {
  readonly responses: Readonly<Record<string, Response | Reference>>
  readonly shared: Readonly<Record<string, Response>>
}

interface Input {
  readonly declared: Readonly<Record<string, Response>>
  readonly middlewareErrors: ReadonlyArray<MiddlewareError>
  readonly recorded: ReadonlyArray<Example>
  readonly errorBody: JsonSchema
  readonly limited: boolean
}

const examplesFor = (recorded: ReadonlyArray<Example>, status: number): Record<string, NamedExample> =>
  Object.fromEntries(
    recorded.flatMap(({ name, summary, response }) =>
      response.status === status && response.body !== undefined
        ? [[name, { summary, value: response.body }]]
        : [],
    ),
  )

const withExamples = (content: Response["content"], examples: Record<string, NamedExample>) =>
  Object.fromEntries(
    Object.entries(content ?? {}).map(([type, media]): [string, Content] => [
      type,
      Object.keys(examples).length === 0 ? media : { ...media, examples },
    ]),
  )

const partsOf = (schema: JsonSchema | undefined): ReadonlyArray<unknown> => {
  if (schema === undefined) return []
  return Array.isArray(schema.anyOf) ? schema.anyOf : [schema]
}

/** Returns the descriptions of a contract's declared errors of one status; none if the body is not an error body. */
const causesOf = (response: Response | undefined, errorBody: JsonSchema): ReadonlyArray<string> =>
  partsOf(response?.content?.["application/json"]?.schema).flatMap((part) => {
    if (!isRecord(part)) return []
    const { description, ...schema } = part
    return typeof description === "string" && isDeepStrictEqual(schema, errorBody) ? [description] : []
  })

const toMarkdown = (causes: ReadonlyArray<string>) =>
  causes.length === 1 ? causes.join() : causes.map((cause) => `- ${cause}`).join("\n")

const pascalCase = (code: string) =>
  code.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())

const errorResponse = (
  status: number,
  { declared, middlewareErrors, recorded, errorBody, limited }: Input,
): Response => {
  const fromMiddleware = middlewareErrors.filter(({ error }) => error.status === status)
  const causes = [
    ...causesOf(declared[status], errorBody),
    ...fromMiddleware.map(({ error, when }) => `\`${error.code}\`: ${when}`),
  ]
  const examples = {
    ...examplesFor(recorded, status),
    ...Object.fromEntries(
      fromMiddleware.flatMap(({ error, example }) => (example === undefined ? [] : [[error.code, example]])),
    ),
  }
  const limitHeaders = limited ? Headers.onRejected : {}
  return {
    description: toMarkdown(causes),
    headers: { ...Headers.onEvery, ...(status === 429 ? limitHeaders : {}) },
    content: withExamples({ "application/json": { schema: errorBody } }, examples),
  }
}

const declaredResponse = (
  status: number,
  { description, content }: Response,
  { recorded, limited }: Input,
): Response => {
  const allHeaders = { ...Headers.onEvery, ...(limited ? Headers.onLimited : {}) }
  return {
    description,
    headers: allHeaders,
    ...(content === undefined ? {} : { content: withExamples(content, examplesFor(recorded, status)) }),
  }
}

/** Returns every response of an operation, including those of the middleware. */
export const responsesOf = (input: Input): Responses => {
  const { declared, middlewareErrors, errorBody } = input
  const responses: Record<string, Response | Reference> = {}
  const shared: Record<string, Response> = {}
  const statuses = [
    ...Object.keys(declared).map(Number),
    ...middlewareErrors.map(({ error }) => error.status),
  ]
  for (const status of [...new Set(statuses)].sort()) {
    const response = declared[status]
    const declaresError = causesOf(response, errorBody).length > 0
    const fromMiddleware = middlewareErrors.filter(({ error }) => error.status === status)
    if (response !== undefined && !declaresError && fromMiddleware.length === 0) {
      // HttpApi declares 400 for every operation, even without input.
      if (status !== 400) responses[status] = declaredResponse(status, response, input)
      continue
    }
    const [only] = fromMiddleware
    if (declaresError || fromMiddleware.length !== 1 || only?.example === undefined)
      responses[status] = errorResponse(status, input)
    else {
      const name = pascalCase(only.error.code)
      shared[name] = errorResponse(status, input)
      responses[status] = { $ref: `#/components/responses/${name}` }
    }
  }
  return { responses, shared }
}
