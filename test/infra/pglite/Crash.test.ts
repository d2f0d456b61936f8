import { expect } from "bun:test"
import { join } from "node:path"
import { SqlClient } from "@effect/sql"
import { Effect, Layer } from "effect"
import { configProviderFromEnv } from "../../../src/domain/shared/ConfigHelpers"
import { layer } from "../../../src/infra/postgres/Database"
import { freshDatabase } from "../../support/Database"
import { it } from "../../support/it"

const writer = (env: Record<string, string>) =>
  Bun.spawn([process.execPath, join(import.meta.dir, "programs/write.ts")], {
    env: { ...process.env, ...env },
    stdout: "pipe",
    stderr: "inherit",
  })

/** Lets it say at least `count` numbers, kills it in the middle of its work, and gives the last. */
const killAfter = async (child: ReturnType<typeof writer>, count: number) => {
  let said = ""
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    said += text
    if (said.split("\n").length > count) child.kill("SIGKILL")
  }
  await child.exited
  return Number(said.slice(0, said.lastIndexOf("\n")).split("\n").at(-1))
}

it.live(
  "what was committed outlives kill -9",
  () =>
    Effect.gen(function* () {
      const { env } = yield* Effect.acquireRelease(Effect.promise(freshDatabase), ({ drop }) =>
        Effect.promise(drop),
      )
      const settings = Layer.setConfigProvider(configProviderFromEnv(env))
      for (let round = 0; round < 2; round++) {
        const last = yield* Effect.promise(() => killAfter(writer(env), 20))
        const [found] = yield* Effect.flatMap(
          SqlClient.SqlClient,
          (sql) => sql<{ rows: number; last: number }>`select count(*) as rows, max(n) as last from written`,
        ).pipe(Effect.provide(Layer.provide(layer, settings)))
        expect(last).toBeGreaterThanOrEqual(20)
        expect(found?.last).toBeGreaterThanOrEqual(last)
        expect(found?.rows).toBe(found?.last ?? 0)
      }
    }),
  { timeout: 60_000 },
)
