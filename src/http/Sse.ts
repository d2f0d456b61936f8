import { HttpApiSchema, type HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect, Option, Random, Schema, Stream } from "effect"
import type { Actor } from "../domain/shared/Actor"
import type { PullSource } from "../domain/shared/PullSource"
import {
  Connections,
  respond,
  type StreamFormat,
  unbuffered,
  writePullSource,
  writeStream,
} from "./StreamResponse"

/** Declares a response as an event stream. In the documents its schema is that of each event's data. */
export const eventStream = <A, I>(description: string, data: Schema.Schema<A, I>) =>
  // Suspended, so that a union counts as one schema instead of one response for each of its members.
  Schema.suspend(() => data)
    .annotations({ description })
    .pipe(HttpApiSchema.withEncoding({ kind: "Json", contentType: "text/event-stream" }))

const format: StreamFormat = { contentType: "text/event-stream", opening: ": ok\n\n", hasComments: true }

/** Formats one event. Each line of `data`, usually JSON, becomes a `data:` line; `event` has no newlines. */
export const event = (frame: {
  readonly id?: number | string
  readonly event?: string
  readonly data: string
}): string => {
  const { data } = frame
  const id = frame.id === undefined ? "" : `id: ${frame.id}\n`
  const name = frame.event === undefined ? "" : `event: ${frame.event}\n`
  const body = /[\r\n]/.test(data) ? data.split(/\r\n|\r|\n/).join("\ndata: ") : data
  return `${id}${name}data: ${body}\n\n`
}

/** Returns whether the client asks for an event stream instead of the usual response. */
export const isAccepted = (request: HttpServerRequest.HttpServerRequest): boolean =>
  /\btext\/event-stream\b/i.test(request.headers["accept"] ?? "")

/** Returns the number in `Last-Event-ID`: the last event that the client received before it reconnected. */
export const lastEventId = (request: HttpServerRequest.HttpServerRequest): Option.Option<number> => {
  const value = request.headers["last-event-id"]
  return value !== undefined && /^\d{1,15}$/.test(value) ? Option.some(Number(value)) : Option.none()
}

/**
 * Responds with a stream, each item as the event that `frame` formats; items formatted as "" are skipped.
 * All items of a chunk leave in one write, and the next chunk is pulled when the socket has drained. The
 * stream is interrupted when the client disconnects. Its resources must be scoped to the stream: the
 * request's scope closes once the headers are sent.
 */
export const streamResponse = <A, R>(stream: Stream.Stream<A, never, R>, frame: (item: A) => string) =>
  respond(format, writeStream(stream, frame))

/**
 * Responds with a pull source, which costs a fraction of a stream per item. With an `actor` the response is
 * aborted when the actor's session is revoked.
 */
export const streamPullSource = <A>(open: () => PullSource<A>, frame: (item: A) => string, actor?: Actor) =>
  respond(format, writePullSource(open, frame), actor)

/** Responds with the rest of a finite stream; with 204, which stops an EventSource from reconnecting, if it is empty. */
export const replay = <A, R>(stream: Stream.Stream<A, never, R>, frame: (item: A) => string) =>
  Stream.runFold(stream, "", (text, item) => text + frame(item)).pipe(
    Effect.map((text) =>
      text === ""
        ? HttpServerResponse.empty({ status: 204 })
        : HttpServerResponse.text(text, { headers: { "content-type": format.contentType, ...unbuffered } }),
    ),
  )

/**
 * Sends `text`, one line, to every open stream as a comment, with a reconnection delay of one to five
 * seconds, random so that clients do not reconnect all at once. For the time before the server stops.
 */
export const broadcastComment = (text: string) =>
  Effect.flatMap(Connections, ({ open }) =>
    Effect.forEach(
      open,
      (connection) =>
        Effect.map(Random.nextIntBetween(1000, 5000), (delay) =>
          connection.comment(`retry: ${delay}\n: ${text}\n\n`),
        ),
      { discard: true },
    ),
  )
