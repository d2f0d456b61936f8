import { Config } from "effect"
import * as Domains from "./AppLayer"
import * as Logging from "./infra/telemetry/Logging"
import * as Telemetry from "./infra/telemetry/Telemetry"
import * as Server from "./Server"

/**
 * Every setting there is. It is read before anything is opened, by every command that does, so that a wrong
 * one changes nothing: no database is migrated by a start that then fails.
 */
export const config = Config.all([
  Logging.loggingConfig,
  Telemetry.telemetryConfig,
  Domains.appConfig,
  Server.serverConfig,
])
