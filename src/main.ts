import "./ManyRequests"
import "./infra/Sql/Ahead"
import * as BunContext from "@effect/platform-bun/BunContext"
import * as BunRuntime from "@effect/platform-bun/BunRuntime"
import { Effect } from "effect"
import { cli } from "./Cli"
import { settingsFrom } from "./domain/kernel/Settings"
import * as Logging from "./infra/Logging"
import { explainFailure, hearSignalsOnce, plainSpoken } from "./StartUp"

hearSignalsOnce()

cli(process.argv).pipe(
  plainSpoken,
  Effect.provide([BunContext.layer, Logging.layer]),
  Effect.withConfigProvider(settingsFrom(process.env)),
  explainFailure,
  BunRuntime.runMain({ disableErrorReporting: true, disablePrettyLogger: true }),
)
