import {
  type HttpApp,
  HttpMiddleware,
  HttpServerError,
  HttpServerRequest,
  HttpTraceContext,
} from "@effect/platform"
import { Context, DefaultServices, Effect, Option, Tracer } from "effect"

/** Whether a tracer is installed: Effect's default one exports no spans, so making them is wasted. */
export const isTracingEnabled = Effect.map(
  Effect.tracer,
  (tracer) => tracer !== Context.get(DefaultServices.liveServices, Tracer.Tracer),
)

/**
 * Runs the app in a span per request, a child of the caller's span if the trace headers name one.
 * Headers and query strings are not recorded, because they carry secrets; of paths that do, the app
 * overwrites the attribute.
 */
export const withRequestSpan = <E, R>(app: HttpApp.Default<E, R>): HttpApp.Default<E, R> =>
  Effect.withFiberRuntime((fiber) => {
    const request = Context.unsafeGet(fiber.currentContext, HttpServerRequest.HttpServerRequest)
    if (fiber.getFiberRef(HttpMiddleware.currentTracerDisabledWhen)(request)) return app
    const path = request.url.split("?", 1)[0] ?? "/"
    const attributes = { "http.request.method": request.method, "url.path": path }
    return Effect.useSpan(
      `http.server ${request.method}`,
      {
        kind: "server",
        captureStackTrace: false,
        attributes,
        parent: Option.getOrUndefined(HttpTraceContext.fromHeaders(request.headers)),
      },
      (span) =>
        Effect.onExit(Effect.withParentSpan(app, span), (exit) =>
          Effect.sync(() =>
            span.attribute("http.response.status_code", HttpServerError.exitResponse(exit).status),
          ),
        ),
    )
  })
