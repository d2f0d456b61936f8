import { Effect } from "effect"
import { Ids } from "../../domain/kernel/Ids"
import { makeCors } from "./Cors"
import { securityHeaders } from "./SecurityHeaders"

/** The headers that every answer has, for answers that do not come from a contract. */
export const makeStandardHeaders = Effect.gen(function* () {
  const ids = yield* Ids
  const cors = yield* makeCors
  return ({ headers }: Request): Record<string, string> => ({
    ...securityHeaders,
    ...cors.headers(headers.get("origin") ?? undefined),
    "x-request-id": Effect.runSync(ids.next),
  })
})
