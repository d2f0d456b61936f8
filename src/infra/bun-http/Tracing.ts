import {
  type HttpApp,
  HttpMiddleware,
  HttpServerError,
  HttpServerRequest,
  HttpTraceContext,
} from "@effect/platform"
import { Context, DefaultServices, Effect, Option, Tracer } from "effect"

/** Whether anyone looks at spans. What Effect has by default only keeps them until they end. */
export const isTraced = Effect.map(
  Effect.tracer,
  (tracer) => tracer !== Context.get(DefaultServices.liveServices, Tracer.Tracer),
)

/**
 * A span for each request, under the caller's if it names one. Headers and query strings stay out
 * of it: they carry secrets.
 */
export const traced = <E, R>(app: HttpApp.Default<E, R>): HttpApp.Default<E, R> =>
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
