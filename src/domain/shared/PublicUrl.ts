import { Config, Context, Option } from "effect"
import { httpUrlConfig } from "./ConfigHelpers"

/** The URL under which users reach the front end and this server, for links in mails; none if unknown. */
export class PublicUrl extends Context.Reference<PublicUrl>()("PublicUrl", {
  defaultValue: (): Option.Option<URL> => Option.none(),
}) {}

/** `PUBLIC_URL`: `https://host` or `http://host:port`. */
export const publicUrl = Config.option(httpUrlConfig("PUBLIC_URL"))
