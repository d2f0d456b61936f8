import { HttpServer } from "@effect/platform"
import { Effect, Option } from "effect"
import { AdminSetup } from "./domain/identity/AdminSetup"
import { publicUrl } from "./domain/shared/PublicUrl"

/**
 * Logs a link that creates the first administrator, at each start of a server without one. A server that cannot
 * store its token starts nevertheless.
 */
export const logAdminSetupLink = HttpServer.addressFormattedWith((address) =>
  Effect.gen(function* () {
    const token = yield* (yield* AdminSetup).issue
    if (Option.isNone(token)) return
    const base = Option.match(yield* publicUrl, { onNone: () => address, onSome: ({ href }) => href })
    const url = new URL(`/api/auth/setup?${new URLSearchParams({ token: token.value })}`, base)
    yield* Effect.annotateLogs(
      Effect.logWarning("There is no administrator; this link creates one, once, within 24 hours"),
      { url: url.href },
    )
  }).pipe(Effect.catchAllCause((cause) => Effect.logWarning("Issuing a setup link failed", cause))),
)
