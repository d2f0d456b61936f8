import { join } from "node:path"
import { Effect } from "effect"
import { runBun } from "./Process"
import { failure, type Outcome } from "./Stage"
import { suite } from "./Suite"

/** Builds the one file as a person would, then tries it where nothing else is. */
export const binary = (root: string): Effect.Effect<Outcome> =>
  Effect.gen(function* () {
    const build = yield* runBun(["run", "build"], { cwd: root })
    if (build.exitCode !== 0) return failure(build.output)
    return yield* suite({
      root,
      files: ["test/tooling/smoke.ts"],
      env: { PARLEY_BINARY: join(root, "dist", "parley") },
    })
  })
