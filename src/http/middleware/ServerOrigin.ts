import type { HttpServerRequest } from "@effect/platform"
import { Effect, Option } from "effect"
import { publicUrl } from "../../domain/shared/PublicUrl"
import { trustedProxies } from "./ClientIp"

type Request = HttpServerRequest.HttpServerRequest

/** Returns the origin that a request names in its headers; any client may name any host. */
const namedOrigin = ({ headers }: Request, proxies: number): string => {
  const { host = "", origin = "" } = headers
  const forwarded = proxies === 0 ? undefined : headers["x-forwarded-proto"]?.split(",").at(-1)?.trim()
  const scheme = forwarded === "https" || origin === `https://${host}` ? "https" : "http"
  const url = `${scheme}://${host}`
  return URL.canParse(url) ? new URL(url).origin : `${scheme}://localhost`
}

/**
 * Returns the function that gives the origin under which a client reaches this server: that of `PUBLIC_URL`,
 * or else the one that its request names, with the scheme that its browser or a trusted proxy reports.
 */
export const makeServerOrigin = Effect.gen(function* () {
  const proxies = yield* trustedProxies
  const configured = Option.map(yield* publicUrl, ({ origin }) => origin)
  return (request: Request): string => Option.getOrElse(configured, () => namedOrigin(request, proxies))
})
