import { OpenApi } from "@effect/platform"
import { Context } from "effect"

/** Since when an operation is deprecated, and what follows. */
interface DeprecationInfo {
  readonly since: Date
  /** When it stops working. */
  readonly sunset?: Date
  /** The URL of a page that says what to use instead. */
  readonly link?: string
}

/** The deprecation of an operation; undefined for none. */
export class Deprecation extends Context.Reference<Deprecation>()("Deprecation", {
  defaultValue: (): DeprecationInfo | undefined => undefined,
}) {}

/** Marks an operation as deprecated in its responses' headers and in the documents: `.annotateContext(deprecated({ … }))`. */
export const deprecated = (info: DeprecationInfo) =>
  Context.merge(Context.make(Deprecation, info), Context.make(OpenApi.Deprecated, true))

/** Returns the headers of a deprecated operation's responses, by RFC 9745 and RFC 8594. */
export const deprecationHeaders = (info: DeprecationInfo | undefined): Record<string, string> =>
  info === undefined
    ? {}
    : {
        deprecation: `@${Math.floor(info.since.getTime() / 1000)}`,
        ...(info.sunset === undefined ? {} : { sunset: info.sunset.toUTCString() }),
        ...(info.link === undefined ? {} : { link: `<${info.link}>; rel="deprecation"` }),
      }
