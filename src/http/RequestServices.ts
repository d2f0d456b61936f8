import { Etag, FileSystem, HttpPlatform, type HttpRouter, Path } from "@effect/platform"
import { Context, Effect, Scope } from "effect"
import { Connections } from "./StreamResponse"

/**
 * The services in the context of every request; handlers take all others when they are made. A request
 * copies its context more than a hundred times, which with all services in it takes a fifth of its time.
 */
export type RequestServices = HttpRouter.HttpRouter.DefaultServices | Connections | Scope.Scope

const pick = Context.pick(
  HttpPlatform.HttpPlatform,
  Etag.Generator,
  FileSystem.FileSystem,
  Path.Path,
  Connections,
  Scope.Scope,
)

/** Runs an effect, and the handlers that it makes, with the services of a request alone. */
export const withRequestServices = <A, E, R extends RequestServices>(effect: Effect.Effect<A, E, R>) =>
  Effect.mapInputContext(
    effect,
    (context: Context.Context<RequestServices>): Context.Context<R> => pick(context),
  )
