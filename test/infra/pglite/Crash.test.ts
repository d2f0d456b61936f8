import { expect } from "bun:test"
import { join } from "node:path"
import { SqlClient } from "@effect/sql"
import { Effect, Layer } from "effect"
import { configProviderFromEnv } from "../../../src/domain/shared/ConfigHelpers"
import { layer } from "../../../src/infra/Database"
import { freshDatabase } from "../../support/Database"
import { it } from "../../support/it"

const spawnWriter = (env: Record<string, string>) =>
  Bun.spawn([process.execPath, join(import.meta.dir, "programs/insertRows.ts")], {
    env: { ...process.env, ...env },
    stdout: "pipe",
    stderr: "inherit",
  })

/** Kills the writer after it has printed at least `count` numbers. Returns the last one. */
const killAfter = async (child: ReturnType<typeof spawnWriter>, count: number) => {
  let output = ""
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += chunk
    if (output.split("\n").length > count) child.kill("SIGKILL")
  }
  await child.exited
  return Number(output.slice(0, output.lastIndexOf("\n")).split("\n").at(-1))
}

it.live(
  "keeps every committed row after kill -9",
  () =>
    Effect.gen(function* () {
      const { env } = yield* Effect.acquireRelease(Effect.promise(freshDatabase), ({ drop }) =>
        Effect.promise(drop),
      )
      const settings = Layer.setConfigProvider(configProviderFromEnv(env))
      for (let round = 0; round < 2; round++) {
        const last = yield* Effect.promise(() => killAfter(spawnWriter(env), 20))
        const [row] = yield* Effect.flatMap(
          SqlClient.SqlClient,
          (sql) => sql<{ rows: number; last: number }>`select count(*) as rows, max(n) as last from written`,
        ).pipe(Effect.provide(Layer.provide(layer, settings)))
        expect(last).toBeGreaterThanOrEqual(20)
        expect(row?.last).toBeGreaterThanOrEqual(last)
        expect(row?.rows).toBe(row?.last ?? 0)
      }
    }),
  { timeout: 60_000 },
)
