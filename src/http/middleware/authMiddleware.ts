import type { HttpRouter } from "@effect/platform"
import { type Context, type Effect, Layer, type Redacted } from "effect"
import type { Unauthenticated } from "../../domain/identity/Sessions/Errors"
import type { Actor } from "../../domain/shared/Actor"
import { requireActor } from "./RequestActor"

type Proof = (token: Redacted.Redacted) => Effect.Effect<Actor, Unauthenticated, HttpRouter.HttpRouter.Provided>

/** How a contract's `SignedIn` finds out who is asking: who they are is known, either way will do. */
export const signedIn = <I>(tag: Context.Tag<I, { readonly bearer: Proof; readonly cookie: Proof }>) =>
  Layer.succeed(tag, { bearer: () => requireActor, cookie: () => requireActor })
