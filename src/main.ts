import "./ManyRequests"
import { BunContext, BunRuntime } from "@effect/platform-bun"
import { Effect } from "effect"
import { cli } from "./Cli"
import * as Logging from "./infra/Logging"
import { explainFailure } from "./StartUp"

cli(process.argv).pipe(
  Effect.provide([BunContext.layer, Logging.layer]),
  explainFailure,
  BunRuntime.runMain({ disableErrorReporting: true, disablePrettyLogger: true }),
)
