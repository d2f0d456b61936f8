import { HttpApp, HttpServerError, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import {
  Cause,
  Context,
  Effect,
  Exit,
  type Fiber,
  identity,
  Option,
  Runtime,
  RuntimeFlags,
  Scope,
  Stream,
} from "effect"
import type { Exchange } from "./Exchange"
import { ServerRequest } from "./ServerRequest"
import { toWeb } from "./WebResponse"

type Answer = HttpServerResponse.HttpServerResponse

/** Answers one request. */
export type Runner = (exchange: Exchange) => Fiber.RuntimeFiber<void>

const broken = HttpServerResponse.empty({ status: 500 })

/** What handlers have asked to be done to every answer, such as the setting of a cookie. */
const finish = (request: HttpServerRequest.HttpServerRequest, response: Answer) =>
  Effect.withFiberRuntime<Answer, HttpServerError.ResponseError>((fiber) =>
    Option.match(fiber.getFiberRef(HttpApp.currentPreResponseHandlers), {
      onNone: () => Effect.succeed(response),
      onSome: (handle) => handle(request, response),
    }),
  )

const isBug = (cause: Cause.Cause<unknown>) =>
  Array.from(Cause.defects(cause)).some((defect) => !HttpServerResponse.isServerResponse(defect))

/** What a request that failed is answered, where the app itself had no answer. */
const answerFor = (cause: Cause.Cause<unknown>) =>
  Effect.zipRight(
    isBug(cause) ? Effect.logError("A request died of a bug", cause) : Effect.void,
    Effect.map(HttpServerError.causeResponse(cause), ([response]) => response),
  )

/**
 * Makes what runs the app for one request. HttpApp.toHandled does the same in three times the
 * time: what is saved here are changes of a running fiber's context, by putting request and scope
 * into a context of the request's own before its fiber begins. As there, the app begins
 * uninterruptible, and its router makes interruptible what may be.
 *
 * The fiber it gives back ends when the answer is sent and the request's scope closed. Where the
 * answer is a stream the scope stays open to the end of that. `ended` is called after the closing.
 */
export const makeRunner = (
  app: HttpApp.Default<unknown>,
  runtime: Runtime.Runtime<never>,
  ended: () => void,
): Runner => {
  const services = runtime.context.unsafeMap
  const { runtimeFlags, fiberRefs } = Runtime.disableRuntimeFlag(runtime, RuntimeFlags.Interruption)
  const streaming = Runtime.enableRuntimeFlag(runtime, RuntimeFlags.Interruption)

  const done = (exchange: Exchange) =>
    Effect.sync(() => {
      exchange.peer?.close(1000)
      ended()
    })

  const send = (exchange: Exchange, response: Answer, scope: Scope.CloseableScope): Effect.Effect<void> => {
    const close = Effect.ensuring(Scope.close(scope, Exit.void), done(exchange))
    const { body } = response
    const streams = body._tag === "Stream" && exchange.source.method !== "HEAD" && exchange.peer === undefined
    if (!streams) {
      exchange.answer(toWeb(response))
      return close
    }
    const whole = Stream.ensuring(body.stream, close)
    exchange.answer(toWeb(response, Stream.toReadableStreamRuntime(whole, streaming)))
    return Effect.void
  }

  return (exchange) => {
    const request = new ServerRequest(exchange)
    const own = new Map<string, unknown>(services)
    own.set(HttpServerRequest.HttpServerRequest.key, request)
    const program = Effect.flatMap(Scope.make(), (scope) => {
      own.set(Scope.Scope.key, scope)
      const reply = (response: Answer) =>
        Effect.map(finish(request, response), (finished) => send(exchange, finished, scope))
      return Effect.matchCauseEffect(Effect.flatMap(app, reply), {
        onSuccess: identity,
        onFailure: (cause) =>
          Effect.matchCauseEffect(Effect.flatMap(answerFor(cause), reply), {
            onSuccess: identity,
            onFailure: () => send(exchange, broken, scope),
          }),
      })
    })
    const context = Context.unsafeMake<HttpServerRequest.HttpServerRequest>(own)
    return Runtime.runFork(Runtime.make({ context, runtimeFlags, fiberRefs }), program)
  }
}
