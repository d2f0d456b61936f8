import { Cause, Effect, Option, ParseResult, Schema } from "effect"
import { IdGenerator } from "../../../domain/shared/Ids"
import { causeToHttpError } from "../../../http/causeToHttpError"
import { toFieldErrors } from "../../../http/ErrorBody"
import { toFieldIssues } from "../../../http/Fields"
import { HttpError, invalid } from "../../../http/HttpError"
import { rejectScope } from "../../../http/middleware/Authentication"
import { makeActorLimits } from "../../../http/middleware/RateLimits"
import type { RateLimitPolicy } from "../../../http/RateLimitPolicy"
import type { ClientEvent } from "../../../http/SocketContract"
import { errors } from "../Errors"
import type { AuthenticatedSocket } from "./Authentication"
import type { ClientEvents, ServerEvents } from "./Events"

/** Domain errors that handlers can fail with, each with the error code that its HTTP response has. */
const SocketError = Schema.Union(
  errors.AssistantNotFound,
  errors.ConversationNotFound,
  errors.MessageNotFound,
  errors.InvalidMessageRole,
  errors.TokenLimitReached,
  errors.ShuttingDown,
  errors.FileNotFound,
  errors.InvalidFile,
  errors.StorageFailed,
  errors.ArenaSessionNotFound,
  errors.GenerationInProgress,
  errors.InvalidAssistantCount,
)
type SocketError = typeof SocketError.Type

/** The payload of the `error` event, without the name of the event that failed. */
type ErrorEvent = Omit<ServerEvents["error"]["payload"]["Type"], "event">

const httpErrorToErrorEvent = ({ message, code, fields, headers }: HttpError): ErrorEvent => ({
  message,
  code,
  ...toFieldErrors(fields),
  ...(headers?.["retry-after"] === undefined ? {} : { retry_after: Number(headers["retry-after"]) }),
})

/**
 * Makes the function that registers an event's handler on a socket. For each event it consumes the
 * user's rate limits, checks the scope of an API key, decodes the payload, runs the handler and acknowledges the result if the client
 * passed a callback. On failure it also emits an `error` event. It catches every failure, defects
 * included, because an exception in a listener would end the process.
 */
export const makeOn = (run: (effect: Effect.Effect<void>) => void) =>
  Effect.gen(function* () {
    const consume = yield* makeActorLimits
    const ids = yield* IdGenerator

    const causeToErrorEvent = (cause: Cause.Cause<SocketError | ParseResult.ParseError | HttpError>) =>
      Effect.gen(function* () {
        const failure = Option.getOrUndefined(Cause.failureOption(cause))
        if (failure === undefined) {
          const requestId = yield* ids.generate
          return {
            ...httpErrorToErrorEvent(yield* Effect.annotateLogs(causeToHttpError(cause), { requestId })),
            requestId,
          }
        }
        if (failure instanceof HttpError) return httpErrorToErrorEvent(failure)
        if (ParseResult.isParseError(failure))
          return httpErrorToErrorEvent(
            invalid(toFieldIssues(ParseResult.ArrayFormatter.formatErrorSync(failure))),
          )
        const { error, code } = yield* Effect.orDie(Schema.encode(SocketError)(failure))
        return { message: error, code }
      })

    return <A, I, B extends { readonly ok: true }, J>(
      socket: AuthenticatedSocket,
      event: keyof ClientEvents,
      definition: ClientEvent & {
        readonly payload: Schema.Schema<A, I>
        readonly reply: Schema.Schema<B, J>
      },
      limits: ReadonlyArray<RateLimitPolicy>,
      handle: (payload: A) => Effect.Effect<Omit<B, "ok">, SocketError>,
    ) => {
      const { actor } = socket.data
      const decode = Schema.decodeUnknown(definition.payload, { errors: "all" })
      socket.on(event, (...args: Array<unknown>) => {
        const callback = args.at(-1)
        const acknowledge = (body: object) => {
          if (typeof callback === "function") callback(body)
        }
        const handled = Effect.gen(function* () {
          const { rejection } = yield* consume(limits, actor)
          if (rejection !== undefined) return yield* rejection
          const forbidden = rejectScope(actor, definition.scope)
          if (forbidden !== undefined) return yield* forbidden
          acknowledge({ ok: true, ...(yield* handle(yield* decode(args[0] ?? {}))) })
        })
        run(
          Effect.catchAllCause(handled, (cause) =>
            Effect.map(causeToErrorEvent(cause), (error: ErrorEvent) => {
              const { message, ...fields } = error
              socket.emit("error", { ...error, event })
              acknowledge({ ok: false, error: message, ...fields })
            }),
          ),
        )
      })
    }
  })

/** Registers an event's handler on a socket. */
export type On = Effect.Effect.Success<ReturnType<typeof makeOn>>
