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
import type { EdgeProblem } from "./middlewareErrors"

/** The responses of an operation, and which of them are the same for every operation of a contract. */
export interface Responses {
  readonly own: Readonly<Record<string, Response | Reference>>
  readonly shared: Readonly<Record<string, Response>>
}

interface Input {
  readonly declared: Readonly<Record<string, Response>>
  readonly edge: ReadonlyArray<EdgeProblem>
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

/** Why a contract's own errors of one status come about: nothing, where the body is another. */
const causesOf = (response: Response | undefined, errorBody: JsonSchema): ReadonlyArray<string> =>
  partsOf(response?.content?.["application/json"]?.schema).flatMap((part) => {
    if (!isRecord(part)) return []
    const { description, ...schema } = part
    return typeof description === "string" && isDeepStrictEqual(schema, errorBody) ? [description] : []
  })

const list = (causes: ReadonlyArray<string>) =>
  causes.length === 1 ? causes.join() : causes.map((cause) => `- ${cause}`).join("\n")

const pascal = (code: string) =>
  code.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())

const refused = (status: number, { declared, edge, recorded, errorBody, limited }: Input): Response => {
  const fromEdge = edge.filter(({ problem }) => problem.status === status)
  const causes = [
    ...causesOf(declared[status], errorBody),
    ...fromEdge.map(({ problem, when }) => `\`${problem.code}\`: ${when}`),
  ]
  const examples = {
    ...examplesFor(recorded, status),
    ...Object.fromEntries(
      fromEdge.flatMap(({ problem, example }) => (example === undefined ? [] : [[problem.code, example]])),
    ),
  }
  const onLimit = limited ? Headers.onRefused : {}
  return {
    description: list(causes),
    headers: { ...Headers.onEvery, ...(status === 429 ? onLimit : {}) },
    content: withExamples({ "application/json": { schema: errorBody } }, examples),
  }
}

const asDeclared = (
  status: number,
  { description, content }: Response,
  { recorded, limited }: Input,
): Response => {
  const rest = { ...Headers.onEvery, ...(limited ? Headers.onLimited : {}) }
  return {
    description,
    headers: rest,
    ...(content === undefined ? {} : { content: withExamples(content, examplesFor(recorded, status)) }),
  }
}

/** Every answer to an operation, those of the edge among them. */
export const responsesOf = (input: Input): Responses => {
  const { declared, edge, errorBody } = input
  const own: Record<string, Response | Reference> = {}
  const shared: Record<string, Response> = {}
  const statuses = [...Object.keys(declared).map(Number), ...edge.map(({ problem }) => problem.status)]
  for (const status of [...new Set(statuses)].sort()) {
    const response = declared[status]
    const declares = causesOf(response, errorBody).length > 0
    const fromEdge = edge.filter(({ problem }) => problem.status === status)
    if (response !== undefined && !declares && fromEdge.length === 0) {
      // HttpApi says of everything that it may be invalid, even where nothing is sent.
      if (status !== 400) own[status] = asDeclared(status, response, input)
      continue
    }
    const [only] = fromEdge
    if (declares || fromEdge.length !== 1 || only?.example === undefined) own[status] = refused(status, input)
    else {
      const name = pascal(only.problem.code)
      shared[name] = refused(status, input)
      own[status] = { $ref: `#/components/responses/${name}` }
    }
  }
  return { own, shared }
}
