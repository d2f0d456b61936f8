import { expect } from "bun:test"
import { Cause, Effect, Layer, Logger } from "effect"
import * as RecentLogs from "../../../src/infra/telemetry/RecentLogs"
import { it } from "../../support/it"

/** Keeps log lines in memory alone. */
const quiet = Layer.merge(RecentLogs.layer, Logger.remove(Logger.defaultLogger))

it.live("keeps the latest log lines with their fields, and nothing that looks like a secret", () =>
  Effect.gen(function* () {
    yield* Effect.logWarning("leaking sk-abcdefghijklmnop and Bearer abcdefghijklmnop").pipe(
      Effect.annotateLogs({ url: "https://user:hunter2@example.com/?token=abcdef&page=2", attempt: 3 }),
    )
    yield* Effect.logError("call failed", Cause.fail("401 for sk-abcdefghijklmnop"))
    const [failed, leaking] = RecentLogs.latestLogs()
    expect(leaking).toMatchObject({
      level: "WARN",
      message: "leaking <redacted> and <redacted>",
      fields: { url: "https://user:<redacted>@example.com/?token=<redacted>&page=2", attempt: "3" },
    })
    expect(failed).toMatchObject({
      level: "ERROR",
      message: "call failed",
      fields: { cause: expect.stringContaining("401 for <redacted>") },
    })
    const text = JSON.stringify([failed, leaking])
    for (const secret of ["sk-abcdef", "hunter2", "abcdef&"]) expect(text).not.toContain(secret)
  }).pipe(Effect.provide(quiet)),
)

it.live("keeps at most 200 lines", () =>
  Effect.gen(function* () {
    for (let i = 0; i < 250; i++) yield* Effect.logInfo(`line ${i}`)
    const lines = RecentLogs.latestLogs()
    expect([lines.length, lines[0]?.message]).toEqual([200, "line 249"])
  }).pipe(Effect.provide(quiet)),
)
