import { Context, Effect, Option } from "effect"
import { NotSignedIn } from "../../domain/identity/Sessions/Errors"
import type { Actor } from "../../domain/shared/Actor"

/** Who a request comes from, as its bearer token or session cookie shows: found out once a request. */
export class Caller extends Context.Reference<Caller>()("Caller", {
  defaultValue: (): Option.Option<Actor> => Option.none(),
}) {}

/** The signed-in user on whose behalf an operation runs. */
export class CurrentActor extends Context.Tag("CurrentActor")<CurrentActor, Actor>() {}

/** Lets a request through to an operation only when somebody is signed in. */
export const requireActor = Effect.flatMap(Caller, (caller) =>
  Effect.mapError(caller, () => new NotSignedIn()),
)
