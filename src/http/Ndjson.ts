import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import type { Actor } from "../domain/shared/Actor"
import type { PullSource } from "../domain/shared/PullSource"
import { respond, writePullSource } from "./StreamResponse"

const contentType = "application/x-ndjson"

/** Declares a response as a stream of lines, each a JSON value of this schema. */
export const lineStream = <A, I>(description: string, line: Schema.Schema<A, I>) =>
  // Suspended, so that a union counts as one schema instead of one response for each of its members.
  Schema.suspend(() => line)
    .annotations({ description })
    .pipe(HttpApiSchema.withEncoding({ kind: "Json", contentType }))

/**
 * Responds with a pull source, each item as the line that `line` formats, with its newline. The source is
 * closed when the client disconnects. When the actor's session is revoked, the line `aborted` ends the
 * response.
 */
export const streamPullSource = <A>(
  open: () => PullSource<A>,
  line: (item: A) => string,
  options: { readonly actor: Actor; readonly aborted: string },
) =>
  respond(
    { contentType, hasComments: false, aborted: options.aborted },
    writePullSource(open, line),
    options.actor,
  )
