import { Config } from "effect"
import { webAddress } from "../../domain/shared/ConfigHelpers"

/** Where this server is to be found from outside, as `https://host` or `http://host:port`. */
export const publicUrl = Config.option(webAddress("PUBLIC_URL"))
