import { Context, Option } from "effect"

/** The URL under which users reach the front end and this server, for links in mails; none if unknown. */
export class PublicUrl extends Context.Reference<PublicUrl>()("PublicUrl", {
  defaultValue: (): Option.Option<URL> => Option.none(),
}) {}
