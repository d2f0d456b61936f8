import { Config } from "effect"
import { httpUrlConfig } from "../../domain/shared/ConfigHelpers"

/** The URL under which users reach this server: `https://host` or `http://host:port`. */
export const publicUrl = Config.option(httpUrlConfig("PUBLIC_URL"))
