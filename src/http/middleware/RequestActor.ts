import { Context, Effect, Option } from "effect"
import { Unauthenticated } from "../../domain/identity/Sessions/Errors"
import type { Actor } from "../../domain/shared/Actor"

/** The user who sent a request, as proven by its bearer token or session cookie; resolved once per request. */
export class RequestActor extends Context.Reference<RequestActor>()("RequestActor", {
  defaultValue: (): Option.Option<Actor> => Option.none(),
}) {}

/** The authenticated user on whose behalf an operation runs. */
export class CurrentActor extends Context.Tag("CurrentActor")<CurrentActor, Actor>() {}

/** Returns the authenticated user of the request; fails with `Unauthenticated` if there is none. */
export const requireActor = Effect.flatMap(RequestActor, (caller) =>
  Effect.mapError(caller, () => new Unauthenticated()),
)
