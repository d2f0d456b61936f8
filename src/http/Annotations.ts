import { Context } from "effect"
import { type LimitPolicy, limits } from "./RateLimitPolicy"

/** How often an operation may be called. Annotates an endpoint, a group or a whole contract. */
export class Limits extends Context.Reference<Limits>()("Limits", {
  defaultValue: (): ReadonlyArray<LimitPolicy> => limits.general,
}) {}

/** Marks an operation whose last parameter may hold slashes, as they are or as %2F. */
export class HoldsSlashes extends Context.Reference<HoldsSlashes>()("HoldsSlashes", {
  defaultValue: () => false,
}) {}

/** The largest body that an operation takes, in bytes, where it is not the usual one. */
export class BodyLimit extends Context.Reference<BodyLimit>()("BodyLimit", {
  defaultValue: (): number | undefined => undefined,
}) {}

/** Room for files as data URIs, which are a third larger than what they hold. */
export const bodyWithFiles = 40 * 1024 * 1024

/** Marks a `GET` that changes something, for which a browser's word alone is not enough. */
export class Writes extends Context.Reference<Writes>()("Writes", { defaultValue: () => false }) {}
