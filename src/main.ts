import "./cli/raiseFetchLimit"
import "./infra/pglite/preloadPglite"
import * as BunContext from "@effect/platform-bun/BunContext"
import * as BunRuntime from "@effect/platform-bun/BunRuntime"
import { Effect } from "effect"
import { cli } from "./cli/Cli"
import { explainFailure, hearSignalsOnce, plainSpoken } from "./cli/errorReporting"
import { configProviderFromEnv } from "./domain/shared/ConfigHelpers"
import * as Logging from "./infra/telemetry/Logging"

hearSignalsOnce()

cli(process.argv).pipe(
  plainSpoken,
  Effect.provide([BunContext.layer, Logging.layer]),
  Effect.withConfigProvider(configProviderFromEnv(process.env)),
  explainFailure,
  BunRuntime.runMain({ disableErrorReporting: true, disablePrettyLogger: true }),
)
