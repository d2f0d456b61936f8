import { Effect, Option } from "effect"
import { publicUrl } from "../http/middleware/PublicUrl"
import { version } from "../http/Version"

/** The servers, version, license and contact in every document. */
export const documentInfo = Effect.map(publicUrl, (url) => {
  const base = Option.match(url, { onNone: () => "/", onSome: ({ href }) => href.replace(/\/+$/, "") })
  return {
    servers: [{ url: base }],
    info: {
      version,
      license: { name: "MIT", identifier: "MIT" },
      contact: {
        name: "Parley",
        ...Option.match(url, { onNone: () => ({}), onSome: () => ({ url: base }) }),
      },
    },
  }
})

export type DocumentInfo = Effect.Effect.Success<typeof documentInfo>
