import { Config } from "effect"
import { appConfig } from "./AppLayer"
import { loggingConfig } from "./infra/telemetry/Logging"
import { telemetryConfig } from "./infra/telemetry/Telemetry"
import { serverConfig } from "./Server"

/**
 * The whole configuration. Every command that opens the database reads it first, so that an invalid
 * variable changes nothing: no database is migrated by a start that then fails.
 */
export const config = Config.all([loggingConfig, telemetryConfig, appConfig, serverConfig])
