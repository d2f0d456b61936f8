import type { HttpRouter } from "@effect/platform"
import { type Context, type Effect, Layer, type Redacted } from "effect"
import type { Unauthenticated } from "../../domain/identity/Sessions/Errors"
import type { Actor } from "../../domain/shared/Actor"
import { requireActor } from "./RequestActor"

type Authenticate = (
  token: Redacted.Redacted,
) => Effect.Effect<Actor, Unauthenticated, HttpRouter.HttpRouter.Provided>

/** Implements a contract's `Authentication`: the router has authenticated the request, by token or by cookie. */
export const authMiddleware = <I>(
  tag: Context.Tag<I, { readonly bearer: Authenticate; readonly cookie: Authenticate }>,
) => Layer.succeed(tag, { bearer: () => requireActor, cookie: () => requireActor })
