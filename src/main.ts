import "./cli/raiseFetchLimit"
import "./infra/pglite/preloadPglite"
import * as BunContext from "@effect/platform-bun/BunContext"
import * as BunRuntime from "@effect/platform-bun/BunRuntime"
import { Effect } from "effect"
import { cli } from "./cli/Cli"
import { reportFatalError, withPlainConsole } from "./cli/errorReporting"
import { debounceShutdownSignals } from "./cli/signals"
import { configProviderFromEnv } from "./domain/shared/ConfigHelpers"
import * as Logging from "./infra/telemetry/Logging"

debounceShutdownSignals()

cli(process.argv).pipe(
  withPlainConsole,
  Effect.provide([BunContext.layer, Logging.layer]),
  Effect.withConfigProvider(configProviderFromEnv(process.env)),
  reportFatalError,
  BunRuntime.runMain({ disableErrorReporting: true, disablePrettyLogger: true }),
)
