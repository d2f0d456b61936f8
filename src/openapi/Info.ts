import { Effect, Option } from "effect"
import { publicUrl } from "../http/middleware/PublicUrl"
import { version } from "../http/Version"

/** What every document says of the server that serves it. */
export const about = Effect.map(publicUrl, (url) => {
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

export type About = Effect.Effect.Success<typeof about>
