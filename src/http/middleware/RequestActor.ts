import { Context, Effect, Option } from "effect"
import { Unauthenticated } from "../../domain/identity/Sessions/Errors"
import type { Actor } from "../../domain/shared/Actor"

/** Who a request comes from, as its bearer token or session cookie shows: found out once a request. */
export class RequestActor extends Context.Reference<RequestActor>()("Caller", {
  defaultValue: (): Option.Option<Actor> => Option.none(),
}) {}

/** The signed-in user on whose behalf an operation runs. */
export class CurrentActor extends Context.Tag("CurrentActor")<CurrentActor, Actor>() {}

/** Lets a request through to an operation only when somebody is signed in. */
export const requireActor = Effect.flatMap(RequestActor, (caller) =>
  Effect.mapError(caller, () => new Unauthenticated()),
)
