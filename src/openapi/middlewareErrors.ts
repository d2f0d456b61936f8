import { Duration, Effect } from "effect"
import type { Contract, Operation } from "../http/Contract"
import * as Problem from "../http/HttpError"
import { RequestId } from "../http/RequestId"
import type { NamedExample } from "./Document"
import { headers } from "./Headers"

/** What an operation can be answered before its contract has a word in it. */
export interface EdgeProblem {
  readonly problem: Problem.HttpError
  readonly when: string
  readonly example?: NamedExample
}

/** `asks`: whether there are query parameters. `secured`: whether it asks who calls. */
export const edgeProblems = (
  { takesBody, writes, limits }: Operation,
  asks: boolean,
  secured: boolean,
  maxBody: number,
): ReadonlyArray<EdgeProblem> => [
  ...(takesBody || asks
    ? [
        {
          problem: Problem.invalid([]),
          when: "Something that was sent is missing or wrong; `details` names it.",
        },
      ]
    : []),
  ...(takesBody
    ? [
        Problem.malformedJson,
        Problem.jsonTooDeep,
        Problem.payloadTooLarge(maxBody),
        Problem.unsupportedMediaType,
      ]
    : []
  ).map(plain),
  ...(secured && writes ? [plain(Problem.originNotAllowed)] : []),
  ...(limits.length > 0 ? [plain(Problem.rateLimited(Duration.seconds(12)))] : []),
  plain(Problem.internalError),
  plain(Problem.databaseUnavailable),
]

const plain = (problem: Problem.HttpError): EdgeProblem => ({ problem, when: problem.message })

const exampleTime = "2026-01-15T09:30:00.000Z"

/** The problem as the contract really tells of it, at a time that does not change. */
export const exampleOf = (contract: Contract, problem: Problem.HttpError) =>
  contract.refuse(problem).pipe(
    Effect.provideService(RequestId, headers.RequestId.example),
    Effect.map(({ body }): NamedExample => {
      const text = body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : "null"
      const steady = text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, exampleTime)
      return { summary: problem.message, value: JSON.parse(steady) }
    }),
  )
