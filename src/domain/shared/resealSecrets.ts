import { Effect, type Scope } from "effect"
import { SecretBox, type SecretOwner } from "./SecretBox"

/** Where secrets of one kind are stored. */
interface SecretStore<Row> {
  /** What they are, for the log. */
  readonly kind: string
  /** Lists those that do not begin with the prefix of the current key. */
  readonly listWithout: (prefix: string) => Effect.Effect<ReadonlyArray<Row>>
  readonly ownerOf: (row: Row) => SecretOwner
  /** Replaces a stored secret, unless it was changed meanwhile. */
  readonly replace: (row: Row, sealed: string) => Effect.Effect<void>
}

/**
 * Encrypts secrets anew, in the background, that were encrypted with the previous key, so that this one can
 * be removed. Those that cannot be decrypted stay as they are.
 */
export const resealSecrets = <Row extends { readonly sealed: string }>({
  kind,
  listWithout,
  ownerOf,
  replace,
}: SecretStore<Row>): Effect.Effect<void, never, SecretBox | Scope.Scope> =>
  Effect.gen(function* () {
    const secrets = yield* SecretBox
    const stale = yield* listWithout(secrets.prefix)
    if (stale.length === 0) return
    const resealed = yield* Effect.filter(stale, (row) =>
      secrets.open(row.sealed, ownerOf(row)).pipe(
        Effect.flatMap((secret) => secrets.seal(secret, ownerOf(row))),
        Effect.flatMap((sealed) => replace(row, sealed)),
        Effect.as(true),
        Effect.orElseSucceed(() => false),
      ),
    )
    yield* Effect.annotateLogs(Effect.logInfo("secrets encrypted with the new key"), {
      kind,
      count: resealed.length,
      unreadable: stale.length - resealed.length,
    })
  }).pipe(
    Effect.catchAllCause((cause) =>
      Effect.annotateLogs(Effect.logWarning("encrypting secrets anew failed", cause), { kind }),
    ),
    Effect.forkScoped,
    Effect.asVoid,
  )
