import { Cause, Effect, Option, ParseResult, Schema } from "effect"
import { Ids } from "../../../domain/kernel/Ids"
import { makeActorLimits } from "../../edge/RateLimits"
import { toFieldIssues } from "../../frame/Fields"
import type { LimitPolicy } from "../../frame/LimitPolicy"
import { defect, invalid } from "../../frame/Problem"
import * as Errors from "../Errors"
import type { OwnSocket } from "./Door"
import type { heard, Told } from "./Events"

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
)
type Refused = typeof Refused.Type

interface Trouble {
  readonly message: string
  readonly code: string
  readonly details?: ReadonlyArray<{ readonly field: string; readonly message: string }>
}

/**
 * Listens to an event of a socket: decodes its payload, counts it against the user's limits, does
 * it, and tells the client how that went, by its callback if it gave one and by an `error` event if
 * it went wrong. Nothing escapes a listener: that would end the process.
 */
export const makeListen = (run: (effect: Effect.Effect<void>) => void) =>
  Effect.gen(function* () {
    const takeTokens = yield* makeActorLimits
    const ids = yield* Ids

    const toTrouble = (cause: Cause.Cause<Refused | ParseResult.ParseError | Trouble>) =>
      Effect.gen(function* () {
        const failure = Option.getOrUndefined(Cause.failureOption(cause))
        if (failure === undefined) {
          const requestId = yield* ids.next
          yield* Effect.annotateLogs(Effect.logError("An event died of a bug", cause), { requestId })
          return { message: defect.message, code: defect.code, requestId }
        }
        if (ParseResult.isParseError(failure)) {
          const details = toFieldIssues(ParseResult.ArrayFormatter.formatErrorSync(failure))
          const { message, code } = invalid(details)
          return { message, code, details }
        }
        if (Schema.is(Schema.typeSchema(Refused))(failure)) {
          const { error, code } = yield* Effect.orDie(Schema.encode(Refused)(failure))
          return { message: error, code }
        }
        return failure
      })

    return <A, I>(
      socket: OwnSocket,
      event: keyof typeof heard,
      payload: Schema.Schema<A, I>,
      limits: ReadonlyArray<LimitPolicy>,
      handle: (payload: A) => Effect.Effect<object, Refused>,
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
          if (refused !== undefined) return yield* Effect.fail<Trouble>(refused)
          answer({ ok: true, ...(yield* handle(yield* decode(given[0] ?? {}))) })
        })
        run(
          Effect.catchAllCause(done, (cause) =>
            Effect.map(toTrouble(cause), (trouble) => {
              const body: Told["error"]["payload"]["Type"] = { ...trouble, event }
              socket.emit("error", body)
              answer({ ok: false, error: trouble.message, code: trouble.code })
            }),
          ),
        )
      })
    }
  })
