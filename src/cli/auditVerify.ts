import { Command, HelpDoc, Options, ValidationError } from "@effect/cli"
import { Console, Effect, Option } from "effect"
import { AppLayer } from "../AppLayer"
import { config } from "../Config"
import { Audit } from "../domain/operations/Audit"
import type { ChainStatus } from "../domain/operations/Audit/Model"

/** Returns what is wrong with the chain; undefined if nothing is. */
const problemOf = ({ brokenAt, hasHash }: ChainStatus): string | undefined => {
  if (brokenAt?.reason === "altered") return `the audit entry ${brokenAt.id} was altered.`
  if (brokenAt?.reason === "gap")
    return `entries before the audit entry ${brokenAt.id} were removed or altered.`
  return hasHash ? undefined : "no audit entry has this hash: entries at the end were removed or altered."
}

const toFailure = (message: string) => ValidationError.invalidValue(HelpDoc.p(message))

/** The command `parley audit verify`. */
export const auditVerify = Command.make(
  "verify",
  {
    hash: Options.text("hash").pipe(
      Options.optional,
      Options.withDescription("A last hash that an earlier check printed; it must still be in the chain"),
    ),
  },
  ({ hash }) =>
    Effect.gen(function* () {
      yield* config
      const status = yield* Effect.flatMap(Audit, (audit) =>
        audit.verify(Option.getOrUndefined(hash)?.toLowerCase()),
      ).pipe(Effect.provide(AppLayer))
      const problem = problemOf(status)
      if (problem !== undefined) return yield* Effect.fail(toFailure(problem))
      yield* Console.log(
        status.lastHash === null
          ? "The audit log is empty."
          : `All ${status.entries} audit entries are unaltered. The last hash is ${status.lastHash}`,
      )
    }),
).pipe(
  Command.withDescription(
    "Check that no entry of the audit log was altered or removed. Note the last hash it prints: with --hash, the next check also detects removals at the end.",
  ),
)
