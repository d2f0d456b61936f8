import { Config } from "effect"
import { httpUrlConfig } from "../../domain/shared/ConfigHelpers"

/** Where this server is to be found from outside, as `https://host` or `http://host:port`. */
export const publicUrl = Config.option(httpUrlConfig("PUBLIC_URL"))
