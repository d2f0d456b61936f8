import { Cause, Effect, Option, ParseResult, Schema } from "effect"
import { IdGenerator } from "../../../domain/shared/Ids"
import { problemOf } from "../../../http/causeToHttpError"
import { toFieldIssues } from "../../../http/Fields"
import { invalid, Problem } from "../../../http/HttpError"
import { makeActorLimits } from "../../../http/middleware/RateLimits"
import type { LimitPolicy } from "../../../http/RateLimitPolicy"
import * as Errors from "../Errors"
import type { OwnSocket } from "./Authentication"
import type { Heard, Told } from "./Events"

/** Each domain error that can reach a socket, as its body over HTTP would be. */
const Refused = Schema.Union(
  Errors.AssistantNotFound,
  Errors.ConversationNotFound,
  Errors.MessageNotFound,
  Errors.WrongMessage,
  Errors.TokenLimitReached,
  Errors.ShuttingDown,
  Errors.FileNotFound,
  Errors.FileRefused,
  Errors.StorageFailed,
  Errors.ArenaSessionNotFound,
  Errors.ArenaBusy,
  Errors.WrongLanes,
)
type Refused = typeof Refused.Type

type Trouble = Omit<Told["error"]["payload"]["Type"], "event">

const ofProblem = ({ message, code, details, headers }: Problem): Trouble => ({
  message,
  code,
  ...(details === undefined ? {} : { details }),
  ...(headers?.["retry-after"] === undefined ? {} : { retry_after: Number(headers["retry-after"]) }),
})

/**
 * Listens to an event of a socket: decodes its payload, counts it against the user's limits, does
 * it, and tells the client how that went, by its callback if it gave one and by an `error` event if
 * it went wrong. Nothing escapes a listener: that would end the process.
 */
export const makeListen = (run: (effect: Effect.Effect<void>) => void) =>
  Effect.gen(function* () {
    const takeTokens = yield* makeActorLimits
    const ids = yield* IdGenerator

    const toTrouble = (cause: Cause.Cause<Refused | ParseResult.ParseError | Problem>) =>
      Effect.gen(function* () {
        const failure = Option.getOrUndefined(Cause.failureOption(cause))
        if (failure === undefined) {
          const requestId = yield* ids.generate
          return { ...ofProblem(yield* Effect.annotateLogs(problemOf(cause), { requestId })), requestId }
        }
        if (failure instanceof Problem) return ofProblem(failure)
        if (ParseResult.isParseError(failure))
          return ofProblem(invalid(toFieldIssues(ParseResult.ArrayFormatter.formatErrorSync(failure))))
        const { error, code } = yield* Effect.orDie(Schema.encode(Refused)(failure))
        return { message: error, code }
      })

    return <A, I, B extends { readonly ok: true }, J>(
      socket: OwnSocket,
      event: keyof Heard,
      { payload }: { readonly payload: Schema.Schema<A, I>; readonly reply: Schema.Schema<B, J> },
      limits: ReadonlyArray<LimitPolicy>,
      handle: (payload: A) => Effect.Effect<Omit<B, "ok">, Refused>,
    ) => {
      const { actor } = socket.data
      const decode = Schema.decodeUnknown(payload, { errors: "all" })
      socket.on(event, (...given: Array<unknown>) => {
        const last = given.at(-1)
        const answer = (body: object) => {
          if (typeof last === "function") last(body)
        }
        const done = Effect.gen(function* () {
          const { refused } = yield* takeTokens(limits, actor)
          if (refused !== undefined) return yield* refused
          answer({ ok: true, ...(yield* handle(yield* decode(given[0] ?? {}))) })
        })
        run(
          Effect.catchAllCause(done, (cause) =>
            Effect.map(toTrouble(cause), (trouble: Trouble) => {
              const { message, ...hints } = trouble
              socket.emit("error", { ...trouble, event })
              answer({ ok: false, error: message, ...hints })
            }),
          ),
        )
      })
    }
  })

export type Listen = Effect.Effect.Success<ReturnType<typeof makeListen>>
