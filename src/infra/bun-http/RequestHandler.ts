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
import type { PendingResponse } from "./PendingResponse"
import { ServerRequest } from "./ServerRequest"
import { toWebResponse } from "./WebResponse"

type HttpResponse = HttpServerResponse.HttpServerResponse

/** Handles one request in a fiber of its own. */
export type RequestHandler = (pending: PendingResponse) => Fiber.RuntimeFiber<void>

const internalError = HttpServerResponse.empty({ status: 500 })

/** Applies the pre-response handlers that the app has registered, such as setting a cookie. */
const applyPreResponseHandlers = (request: HttpServerRequest.HttpServerRequest, response: HttpResponse) =>
  Effect.withFiberRuntime<HttpResponse, HttpServerError.ResponseError>((fiber) =>
    Option.match(fiber.getFiberRef(HttpApp.currentPreResponseHandlers), {
      onNone: () => Effect.succeed(response),
      onSome: (handle) => handle(request, response),
    }),
  )

const hasDefect = (cause: Cause.Cause<unknown>) =>
  Array.from(Cause.defects(cause)).some((defect) => !HttpServerResponse.isServerResponse(defect))

/** Builds the response to a failure that the app itself did not handle, and logs defects. */
const responseForFailure = (cause: Cause.Cause<unknown>) =>
  Effect.zipRight(
    hasDefect(cause) ? Effect.logError("Unhandled error", cause) : Effect.void,
    Effect.map(HttpServerError.causeResponse(cause), ([response]) => response),
  )

/**
 * Runtime flags that a request's fiber does not need: the router makes it interruptible, and no
 * metric counts these fibers.
 */
const disabledFlags = [RuntimeFlags.Interruption, RuntimeFlags.RuntimeMetrics]

/**
 * Makes the handler that runs the app for one request. HttpApp.toHandled does the same in twice the
 * time: this one saves changing the context of a running fiber, by building the context with the
 * request and its scope before the fiber starts. As there, the app starts uninterruptible and its
 * router makes the routes interruptible.
 *
 * The returned fiber ends when the response is sent and the request's scope is closed. If the
 * response is a stream, the scope stays open until the stream ends. `onDone` is called after the
 * scope is closed.
 */
export const makeRequestHandler = (
  app: HttpApp.Default<unknown>,
  runtime: Runtime.Runtime<never>,
  onDone: () => void,
): RequestHandler => {
  const services = runtime.context.unsafeMap
  const { runtimeFlags, fiberRefs } = disabledFlags.reduce(
    (reduced, flag) => Runtime.disableRuntimeFlag(reduced, flag),
    runtime,
  )
  const streaming = Runtime.enableRuntimeFlag(runtime, RuntimeFlags.Interruption)

  /** Sends the response and returns the cleanup to run after it. */
  const send = (
    pending: PendingResponse,
    response: HttpResponse,
    scope: Scope.CloseableScope,
  ): Effect.Effect<void> => {
    const { body } = response
    if (body._tag !== "Stream" || pending.source.method === "HEAD" || pending.upgraded) {
      if (body._tag !== "Raw") pending.closeWhenIdle()
      pending.respond(toWebResponse(response))
      return Scope.close(scope, Exit.void)
    }
    pending.streaming = true
    const close = Effect.ensuring(Scope.close(scope, Exit.void), Effect.sync(onDone))
    const stream = Stream.ensuring(body.stream, close)
    pending.respond(toWebResponse(response, Stream.toReadableStreamRuntime(stream, streaming)))
    return Effect.void
  }

  return (pending) => {
    const requestServices = new Map<string, unknown>(services)
    const request = new ServerRequest(pending)
    requestServices.set(HttpServerRequest.HttpServerRequest.key, request)
    const program = Effect.flatMap(Scope.make(), (scope) => {
      requestServices.set(Scope.Scope.key, scope)
      const reply = (response: HttpResponse) =>
        Effect.map(applyPreResponseHandlers(request, response), (finished) => send(pending, finished, scope))
      return Effect.matchCauseEffect(Effect.flatMap(app, reply), {
        onSuccess: identity,
        onFailure: (cause) =>
          Effect.matchCauseEffect(Effect.flatMap(responseForFailure(cause), reply), {
            onSuccess: identity,
            onFailure: () => send(pending, internalError, scope),
          }),
      })
    })
    const context = Context.unsafeMake<HttpServerRequest.HttpServerRequest>(requestServices)
    const fiber = Runtime.runFork(Runtime.make({ context, runtimeFlags, fiberRefs }), program)
    fiber.addObserver(() => {
      pending.socket?.close(1000)
      if (!pending.streaming) onDone()
    })
    return fiber
  }
}
