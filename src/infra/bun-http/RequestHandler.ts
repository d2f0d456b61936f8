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
import type { Exchange } from "./PendingResponse"
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
 * What a request's fiber does without: it is made interruptible by the router, and nobody asks how
 * many such fibers there are.
 */
const unneeded = [RuntimeFlags.Interruption, RuntimeFlags.RuntimeMetrics]

/**
 * Makes what runs the app for one request. HttpApp.toHandled does the same in twice the
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
  const { runtimeFlags, fiberRefs } = unneeded.reduce(
    (lean, flag) => Runtime.disableRuntimeFlag(lean, flag),
    runtime,
  )
  const streaming = Runtime.enableRuntimeFlag(runtime, RuntimeFlags.Interruption)

  /** Sends an answer, and gives back what is left to do when it is sent. */
  const send = (exchange: Exchange, response: Answer, scope: Scope.CloseableScope): Effect.Effect<void> => {
    const { body } = response
    if (body._tag !== "Stream" || exchange.source.method === "HEAD" || exchange.peer !== undefined) {
      exchange.answer(toWeb(response))
      return Scope.close(scope, Exit.void)
    }
    exchange.streams = true
    const close = Effect.ensuring(Scope.close(scope, Exit.void), Effect.sync(ended))
    const whole = Stream.ensuring(body.stream, close)
    exchange.answer(toWeb(response, Stream.toReadableStreamRuntime(whole, streaming)))
    return Effect.void
  }

  return (exchange) => {
    const own = new Map<string, unknown>(services)
    const request = new ServerRequest(exchange)
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
    const fiber = Runtime.runFork(Runtime.make({ context, runtimeFlags, fiberRefs }), program)
    fiber.addObserver(() => {
      exchange.peer?.close(1000)
      if (!exchange.streams) ended()
    })
    return fiber
  }
}
