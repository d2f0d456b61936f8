import { Effect, Option } from "effect"
import { publicUrl } from "../domain/shared/PublicUrl"
import { version } from "../http/Version"

/** The server, version, license and contact in every document. */
export const documentInfo = Effect.map(publicUrl, (url) => {
  const base = Option.map(url, ({ href }) => href.replace(/\/+$/, ""))
  return {
    publicUrl: url,
    servers: [{ url: Option.getOrElse(base, () => "/") }],
    info: {
      version,
      license: { name: "MIT", identifier: "MIT" },
      contact: { name: "Parley", url: Option.getOrUndefined(base) },
    },
  }
})

export type DocumentInfo = Effect.Effect.Success<typeof documentInfo>
